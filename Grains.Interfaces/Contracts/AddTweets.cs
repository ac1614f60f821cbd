namespace Rookery.Grains.Interfaces;

/// <summary>Tweets of one partition, from one reader.</summary>
/// <param name="Reader">The activation that reads.</param>
/// <param name="Number">Grows from request to request of one reader and partition; a request is sent again until it is done.</param>
/// <param name="Tweets">The tweets, in the order in which they came.</param>
[GenerateSerializer, Immutable, Alias("Rookery.AddTweets")]
public sealed record AddTweets([property: Id(0)] Guid Reader, [property: Id(1)] long Number, [property: Id(2)] byte[] Tweets);
