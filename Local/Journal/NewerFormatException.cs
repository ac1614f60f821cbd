namespace Rookery.Local;

/// <summary>Files were written by a newer version of this program. Nothing was changed.</summary>
public sealed class NewerFormatException : IOException
{
    /// <summary>Creates it with a message that names the file, its version and the highest supported one.</summary>
    public NewerFormatException(string message) : base(message)
    {
    }

    /// <summary>Creates it with a message that names the file, its version and the highest supported one, and its cause.</summary>
    public NewerFormatException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>Creates it.</summary>
    public NewerFormatException() : base("the files were written by a newer version")
    {
    }
}
