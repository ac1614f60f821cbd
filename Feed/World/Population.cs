namespace Rookery.Feed;

/// <summary>The people and bodies of one language: their ranges in the pools of a <see cref="TweetWorld"/>.</summary>
internal sealed record Population(
    Language Language, int FirstPerson, int PersonCount, int FirstBody, int BodyCount, ZipfLaw PersonRanks)
{
    public static Population[] Divide(IReadOnlyList<Language> languages, int people, int bodies, double authorExponent)
    {
        var populations = new Population[languages.Count];
        var share = 0.0;
        for (var i = 0; i < populations.Length; i++)
        {
            var next = share + languages[i].Share;
            var (firstPerson, lastPerson) = ((int)(people * share), (int)(people * next));
            var (firstBody, lastBody) = ((int)(bodies * share), (int)(bodies * next));
            populations[i] = new Population(
                languages[i], firstPerson, lastPerson - firstPerson, firstBody, lastBody - firstBody,
                new ZipfLaw(lastPerson - firstPerson, authorExponent));
            share = next;
        }

        return populations;
    }
}
