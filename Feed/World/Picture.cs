using System.Globalization;

namespace Rookery.Feed;

/// <summary>A photo or a video attached to a tweet.</summary>
internal sealed class Picture
{
    private readonly long _id;
    private readonly string _key;
    private readonly bool _video;
    private readonly int _width;
    private readonly int _height;

    public Picture(ref Randomness random, bool video)
    {
        _id = Snowflake.Id(StreamTime.StartMs - random.Next(90_000_000), 0, random.Next(4096));
        _key = "Cg" + PersonJson.Key(ref random, 13);
        _video = video;
        (_width, _height) = random.Next(3) switch
        {
            0 => (1024, 768),
            1 => (720, 1280),
            _ => (random.Next(480, 1024), random.Next(320, 1024)),
        };
    }

    public void Render(TemplateWriter json, TextEntity entity, bool extended)
    {
        var file = _video ? $"pbs.twimg.com/ext_tw_video_thumb/{_id}/pu/img/{_key}.jpg" : $"pbs.twimg.com/media/{_key}.jpg";
        json.StartObject()
            .IdPair("id", _id)
            .Indices(entity.Start, entity.End)
            .String("media_url", "http://" + file)
            .String("media_url_https", "https://" + file)
            .String("url", entity.Shown)
            .String("display_url", "pic.twitter.com/" + entity.Shown[^10..])
            .String("expanded_url", $"http://twitter.com/i/status/{_id}/{(_video ? "video" : "photo")}/1")
            .String("type", _video && extended ? "video" : "photo");
        json.StartObject("sizes");
        Size(json, "medium", 600, "fit");
        Size(json, "thumb", 150, "crop");
        Size(json, "large", 1024, "fit");
        Size(json, "small", 340, "fit");
        json.EndObject();
        if (_video && extended)
        {
            Video(json);
        }

        json.EndObject();
    }

    private void Size(TemplateWriter json, string name, int limit, string resize)
    {
        var width = Math.Min(limit, _width);
        var height = resize == "crop" ? limit : Math.Max(1, _height * width / _width);
        json.StartObject(name).Number("w", width).Number("h", height).String("resize", resize).EndObject();
    }

    private void Video(TemplateWriter json)
    {
        var folder = string.Create(CultureInfo.InvariantCulture, $"https://video.twimg.com/ext_tw_video/{_id}/pu/");
        json.StartObject("video_info")
            .StartArray("aspect_ratio").Number(_width).Number(_height).EndArray()
            .Number("duration_millis", 4_000 + (_id % 26_000))
            .StartArray("variants");
        foreach (var (bitrate, size) in ((int, string)[])[(320_000, "180x320"), (832_000, "360x640"), (2_176_000, "720x1280")])
        {
            json.StartObject().Number("bitrate", bitrate).String("content_type", "video/mp4")
                .String("url", $"{folder}vid/{size}/{_key}.mp4").EndObject();
        }

        json.StartObject().String("content_type", "application/x-mpegURL").String("url", $"{folder}pl/{_key}.m3u8").EndObject()
            .EndArray().EndObject();
    }
}
