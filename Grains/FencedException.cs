namespace Rookery.Grains;

/// <summary>Another activation has written what is this one's to write: this one must not go on.</summary>
internal sealed class FencedException(string message) : IOException(message);
