using System.CommandLine;
using System.Globalization;
using System.Text;
using Rookery.Local;

namespace Rookery.Command;

/// <summary><c>rookery original</c>: the JSON of a stored tweet as it was received, also while <c>run</c> writes.</summary>
internal static class OriginalCommand
{
    private static readonly Argument<long> Id = new("id")
    {
        Description = "Id of the tweet, as in the table tweets",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0)
            {
                return id;
            }

            result.AddError($"id is '{text}'; it must be a whole number from 1 to {long.MaxValue}");
            return 0;
        },
    };

    public static System.CommandLine.Command Make(Surroundings around)
    {
        var command = new System.CommandLine.Command("original", "Print the JSON of a stored tweet as it was received") { Id, RunCommand.Data };
        command.SetAction(parsed => Print(parsed.GetValue(Id), parsed.GetValue(RunCommand.Data)!, around));
        return command;
    }

    private static int Print(long id, string data, Surroundings around)
    {
        var path = Path.Combine(data, SqliteTweetStore.FileName);
        if (!File.Exists(path))
        {
            throw new FailureException($"{path} is not there. Choose the folder of the tweets with --data DIR");
        }

        if (SqliteTweetStore.ReadOriginal(path, id) is not { } json)
        {
            throw new FailureException($"{path} has no tweet {id}");
        }

        around.Out.WriteLine(Encoding.UTF8.GetString(json));
        return ExitCode.Ok;
    }
}
