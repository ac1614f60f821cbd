namespace Rookery.Page.Tests;

/// <summary>As <see cref="BrowserFactAttribute"/>, for several cases.</summary>
internal sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = new BrowserFactAttribute().Skip;
}
