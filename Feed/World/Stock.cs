namespace Rookery.Feed;

/// <summary>What tweets of every language share: emoji, clients, sites, time zones, colours.</summary>
internal static class Stock
{
    public static IReadOnlyList<string> Emoji { get; } =
    [
        "😂", "😍", "😭", "❤️", "😊", "🙏", "🔥", "👏", "😡", "💔", "🎉", "😴", "👍", "🤔", "💯", "✨", "🙄", "☀️", "👩‍👩‍👧", "🇧🇷", "👌🏽",
    ];

    public static IReadOnlyList<(string Name, string Address)> Sources { get; } =
    [
        ("Twitter for iPhone", "http://twitter.com/download/iphone"),
        ("Twitter for Android", "http://twitter.com/download/android"),
        ("Twitter Web Client", "http://twitter.com"),
        ("TweetDeck", "https://about.twitter.com/products/tweetdeck"),
        ("Twitter for iPad", "http://twitter.com/#!/download/ipad"),
        ("Instagram", "http://instagram.com"),
        ("twittbot.net", "http://twittbot.net/"),
        ("IFTTT", "http://ifttt.com"),
        ("dlvr.it", "http://dlvr.it"),
    ];

    public static IReadOnlyList<string> Sites { get; } =
    [
        "www.bbc.com/news/world-europe-", "www.nytimes.com/2016/04/18/us/politics/", "youtu.be/watch?v=", "www.instagram.com/p/",
        "elpais.com/internacional/2016/04/18/actualidad/", "g1.globo.com/economia/noticia/2016/04/", "natalie.mu/comic/news/",
        "www.lemonde.fr/politique/article/2016/04/18/", "open.spotify.com/track/", "www.facebook.com/events/",
    ];

    public static IReadOnlyList<string> HandleStems { get; } =
    [
        "sunny_", "real", "the_", "coffee_n_", "its_", "mr", "lady_", "team", "iam", "el_", "la_", "news_", "music4", "cat_", "xX_", "simply_",
        "daily", "foto_", "juan_", "maria", "neko_", "kpop_", "abu_", "fan_of_", "radio_", "dj_", "prof_", "little_", "rainy_", "old_",
    ];

    public static IReadOnlyList<(string Name, int OffsetSeconds)> TimeZones { get; } =
    [
        ("Pacific Time (US & Canada)", -25200), ("Eastern Time (US & Canada)", -14400), ("London", 3600), ("Brasilia", -10800),
        ("Tokyo", 32400), ("Madrid", 7200), ("Riyadh", 10800), ("Istanbul", 10800), ("Bangkok", 25200), ("Seoul", 32400), ("Moscow", 10800),
    ];

    public static IReadOnlyList<string> Colours { get; } =
        ["C0DEED", "DDEEF6", "333333", "0084B4", "FFFFFF", "000000", "9266CC", "FF691F", "94D487", "ABB8C2", "F5F8FA", "EADEAA"];

    /// <summary>Towns with the corners of their box, west, south, east, north, in degrees.</summary>
    public static IReadOnlyList<(string Name, string Country, string Code, double[] Box)> Towns { get; } =
    [
        ("Manhattan", "United States", "US", [-74.026675, 40.683935, -73.910408, 40.877483]),
        ("Los Angeles", "United States", "US", [-118.668404, 33.704538, -118.155409, 34.337041]),
        ("Rio de Janeiro", "Brasil", "BR", [-43.795449, -23.083020, -43.087707, -22.739823]),
        ("São Paulo", "Brasil", "BR", [-46.826039, -24.008814, -46.365052, -23.356792]),
        ("Camden Town", "United Kingdom", "GB", [-0.213503, 51.512805, -0.105303, 51.572068]),
        ("Madrid", "España", "ES", [-3.889005, 40.312071, -3.518010, 40.643518]),
        ("Kadıköy", "Türkiye", "TR", [29.015770, 40.953430, 29.111900, 41.009960]),
        ("東京 新宿区", "日本", "JP", [139.673307, 35.673132, 139.745289, 35.730154]),
        ("Ciudad de México", "México", "MX", [-99.364924, 19.048237, -98.940303, 19.592757]),
    ];
}
