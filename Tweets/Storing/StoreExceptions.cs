namespace Rookery.Tweets;

/// <summary>The store cannot write at present; the same batch can be written later.</summary>
public sealed class StoreUnavailableException : Exception
{
    /// <summary>Without a reason.</summary>
    public StoreUnavailableException()
        : base("The store cannot write at present.")
    {
    }

    /// <summary>With a reason.</summary>
    public StoreUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>With a reason and its cause.</summary>
    public StoreUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The store is there, but cannot write this batch as it is, now or later.</summary>
public sealed class StoreRejectedException : Exception
{
    /// <summary>Without a reason.</summary>
    public StoreRejectedException()
        : base("The store cannot write this batch.")
    {
    }

    /// <summary>With a reason.</summary>
    public StoreRejectedException(string message)
        : base(message)
    {
    }

    /// <summary>With a reason and its cause.</summary>
    public StoreRejectedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
