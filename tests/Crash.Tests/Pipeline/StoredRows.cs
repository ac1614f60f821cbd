using Rookery.Local;

namespace Rookery.Crash.Tests;

/// <summary>What the database holds, read from a copy, so that looking changes nothing.</summary>
internal sealed record StoredRows(IReadOnlySet<long> Tweets, IReadOnlySet<long> Users, long LastChange)
{
    public static StoredRows Read(string folder)
    {
        var copy = Directory.CreateTempSubdirectory("rookery-rows-");
        try
        {
            foreach (var file in Directory.GetFiles(folder, "rookery.db*").Where(f => !f.EndsWith("-shm", StringComparison.Ordinal)))
            {
                File.Copy(file, Path.Combine(copy.FullName, Path.GetFileName(file)));
            }

            using var database = SqliteDatabase.Open(Path.Combine(copy.FullName, "rookery.db"), readOnly: false, TimeSpan.FromSeconds(30));
            Assert.Equal(0, database.Number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"));
            Assert.Equal(0, database.Number("SELECT count(*) FROM tweets t WHERE t.user_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = t.user_id)"));
            return new StoredRows(
                Ids(database, "tweets"), Ids(database, "users"), database.Number("SELECT value FROM meta WHERE key = 'last_change'"));
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    private static HashSet<long> Ids(SqliteDatabase database, string table)
    {
        var ids = new HashSet<long>();
        using var query = database.Prepare($"SELECT id FROM {table}");
        while (query.Step())
        {
            ids.Add(query.Int64(0));
        }

        return ids;
    }
}
