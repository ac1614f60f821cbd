namespace Rookery.Broker.Tests;

public class HouseTests
{
    [Fact]
    public void The_broker_knows_nobody_but_the_base_class_library()
    {
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var foreign = typeof(TopicName).Assembly.GetReferencedAssemblies()
            .Where(assembly => !File.Exists(Path.Combine(runtime, assembly.Name + ".dll")) || assembly.Name!.StartsWith("Microsoft.", StringComparison.Ordinal))
            .Select(assembly => assembly.Name);
        Assert.Empty(foreign);
    }
}
