namespace Rookery.Bench;

internal static class Growth
{
    public static void Run(RookeryServer server, bool large)
    {
    }
}
