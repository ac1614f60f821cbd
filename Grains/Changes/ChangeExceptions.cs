namespace Rookery.Grains;

/// <summary>The changes behind a position are not known any more: what is stored has to be compared instead.</summary>
public sealed class ChangesLostException(string message) : Exception(message);

/// <summary>The store cannot follow changes: what is stored has to be asked again and again.</summary>
public sealed class ChangesUnsupportedException(string message) : Exception(message);
