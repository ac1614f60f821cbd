namespace Rookery.Tweets;

/// <summary>Why the data of an event gave no tweet.</summary>
public enum RejectReason : byte
{
    /// <summary>It was accepted.</summary>
    None,

    /// <summary>Not JSON: a string or a bracket is left open, brackets do not match, or something follows the object.</summary>
    BrokenJson,

    /// <summary>JSON, but not an object, or its <c>tweet</c> is none.</summary>
    NotAnObject,

    /// <summary>An object without a tweet in it.</summary>
    NoTweet,

    /// <summary>The tweet has no usable <c>id</c> or <c>id_str</c>: a whole number above 0 that fits 64 bits.</summary>
    NoId,

    /// <summary>The tweet has no text: missing, null, or not a string. (An empty one is a text.)</summary>
    NoText,
}
