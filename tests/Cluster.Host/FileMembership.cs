using System.Globalization;
using System.Text.Json;

namespace Rookery.Cluster.Host;

/// <summary>Who belongs to the cluster, in one file that the silos of a machine share.</summary>
internal sealed class FileMembership(string path) : IMembershipTable
{
    public Task InitializeMembershipTable(bool tryInitTableVersion) => Task.CompletedTask;

    public Task DeleteMembershipTableEntries(string clusterId)
    {
        File.Delete(path);
        return Task.CompletedTask;
    }

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => Change(table =>
    {
        table.Rows.RemoveAll(row => row.Status == SiloStatus.Dead && row.IAmAlive < beforeDate);
        return true;
    });

    public async Task<MembershipTableData> ReadRow(SiloAddress key)
    {
        var table = await Task.Run(Read);
        return Data(table, table.Rows.Where(row => row.Silo == key.ToParsableString()));
    }

    public async Task<MembershipTableData> ReadAll()
    {
        var table = await Task.Run(Read);
        return Data(table, table.Rows);
    }

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => Change(table =>
    {
        if (table.Version + 1 != tableVersion.Version || table.Rows.Exists(row => row.Silo == entry.SiloAddress.ToParsableString()))
        {
            return false;
        }

        table.Rows.Add(Row.Of(entry, 1));
        table.Version++;
        return true;
    });

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => Change(table =>
    {
        var at = table.Rows.FindIndex(row => row.Silo == entry.SiloAddress.ToParsableString());
        if (table.Version + 1 != tableVersion.Version || at < 0 || Tag(table.Rows[at].Changes) != etag)
        {
            return false;
        }

        table.Rows[at] = Row.Of(entry, table.Rows[at].Changes + 1);
        table.Version++;
        return true;
    });

    public Task UpdateIAmAlive(MembershipEntry entry) => Change(table =>
    {
        if (table.Rows.Find(row => row.Silo == entry.SiloAddress.ToParsableString()) is { } row)
        {
            row.IAmAlive = entry.IAmAliveTime;
        }

        return true;
    });

    private static string Tag(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static MembershipTableData Data(Table table, IEnumerable<Row> rows) => new(
        [.. rows.Select(row => Tuple.Create(row.ToEntry(), Tag(row.Changes)))], new TableVersion(table.Version, Tag(table.Version)));

    private Table Read()
    {
        try
        {
            return JsonSerializer.Deserialize<Table>(File.ReadAllBytes(path))!;
        }
        catch (FileNotFoundException)
        {
            return new Table();
        }
    }

    private Task<bool> Change(Func<Table, bool> change) => Task.Run(() =>
    {
        using var alone = FileLock.Take(path + ".lock");
        var table = Read();
        if (!change(table))
        {
            return false;
        }

        File.WriteAllBytes(path + ".new", JsonSerializer.SerializeToUtf8Bytes(table));
        File.Move(path + ".new", path, overwrite: true);
        return true;
    });

    private sealed class Table
    {
        public int Version { get; set; }

        public List<Row> Rows { get; set; } = [];
    }

    private sealed class Row
    {
        public string Silo { get; set; } = "";

        public SiloStatus Status { get; set; }

        public List<KeyValuePair<string, DateTime>> Suspects { get; set; } = [];

        public int ProxyPort { get; set; }

        public string HostName { get; set; } = "";

        public string SiloName { get; set; } = "";

        public DateTime Start { get; set; }

        public DateTime IAmAlive { get; set; }

        public int Changes { get; set; }

        public static Row Of(MembershipEntry entry, int changes) => new()
        {
            Silo = entry.SiloAddress.ToParsableString(),
            Status = entry.Status,
            Suspects = [.. (entry.SuspectTimes ?? []).Select(one => KeyValuePair.Create(one.Item1.ToParsableString(), one.Item2))],
            ProxyPort = entry.ProxyPort,
            HostName = entry.HostName,
            SiloName = entry.SiloName,
            Start = entry.StartTime,
            IAmAlive = entry.IAmAliveTime,
            Changes = changes,
        };

        public MembershipEntry ToEntry() => new()
        {
            SiloAddress = SiloAddress.FromParsableString(Silo),
            Status = Status,
            SuspectTimes = [.. Suspects.Select(one => Tuple.Create(SiloAddress.FromParsableString(one.Key), one.Value))],
            ProxyPort = ProxyPort,
            HostName = HostName,
            SiloName = SiloName,
            StartTime = Start,
            IAmAliveTime = IAmAlive,
        };
    }
}
