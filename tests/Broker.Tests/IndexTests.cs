namespace Rookery.Broker.Tests;

public class IndexTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Table_and_lists_agree_with_plain_sets_however_sparse_they_become(int seed)
    {
        var random = new Random(seed);
        var (events, lists) = (new EventTable(), new[] { new PriorityList(1, 0), new PriorityList(0, 1) });
        var alive = new SortedSet<long>();
        var next = 1L;
        for (var round = 0; round < 40; round++)
        {
            for (var i = 0; i < 1000; i++, next++)
            {
                var list = lists[next % 7 == 0 ? 0 : 1];
                events.Add(next, 1000 + next, size: 10, slot: (int)next, needed: 1, list.Priority, hasLifetime: false);
                list.Add(next);
                alive.Add(next);
            }

            foreach (var sequence in alive.Where(_ => random.Next(100) < 60).ToList())
            {
                lists[sequence % 7 == 0 ? 0 : 1].Remove(sequence, events);
                events.Remove(sequence);
                alive.Remove(sequence);
            }
        }

        Assert.Equal(alive, Walk(events));
        Assert.Equal(alive.Count, events.Count);
        Assert.All(alive, sequence => Assert.Equal((1000 + sequence, (int)sequence), (events.TimeOf(sequence), events.Find(sequence).Slot)));
        Assert.Equal(alive.First(sequence => sequence >= next / 2), events.FirstSince(1000 + (next / 2)));
        Check(lists[0], events, alive.Where(sequence => sequence % 7 == 0).ToList());
        Check(lists[1], events, alive.Where(sequence => sequence % 7 != 0).ToList());
    }

    [Fact]
    public void Events_settled_before_their_delay_is_over_are_not_remembered_until_then()
    {
        var subscription = new Subscription(new SubscriptionKey(SubscriptionKind.Client, null, "alice"), number: 1, start: 0);
        for (var sequence = 1; sequence <= 10_000; sequence++)
        {
            var index = subscription.Flights.Add(sequence, priority: 0, tries: 1, due: int.MaxValue);
            subscription.Enqueue(subscription.Flights[index]);
            if (sequence > 3)
            {
                subscription.Flights.Remove(index);
            }
        }

        Assert.InRange(subscription.Queued, 3, 100);
        Assert.True(subscription.Release(int.MaxValue));
        Assert.Equal(1, subscription.Flights[subscription.FirstReturned()].Sequence);
    }

    [Fact]
    public void Numbers_far_apart_find_their_place()
    {
        var (events, list) = (new EventTable(), new PriorityList(0, 0));
        long[] sequences = [1, 2, 5_000_000_000, 5_000_000_001];
        foreach (var sequence in sequences)
        {
            list.Add(sequence);
        }

        Assert.Equal(256, list.PlaceOf(3));
        Assert.Equal(257, list.PlaceOf(5_000_000_001));
        Assert.Equal(258, list.End);
    }

    private static void Check(PriorityList list, EventTable events, List<long> expected)
    {
        var found = new List<long>();
        for (var place = 0L; list.TryFind(ref place, events, out var sequence); place++)
        {
            found.Add(sequence);
        }

        Assert.Equal(expected, found);
        for (var i = 0; i < expected.Count; i += 97)
        {
            var place = list.PlaceOf(expected[i]);
            Assert.Equal(expected.Count - i, list.CountFrom(place, events));
            Assert.True(list.TryFind(ref place, events, out var sequence));
            Assert.Equal(expected[i], sequence);
        }
    }

    private static IEnumerable<long> Walk(EventTable events)
    {
        for (var sequence = events.Next(1); sequence != long.MaxValue; sequence = events.Next(sequence + 1))
        {
            yield return sequence;
        }
    }
}
