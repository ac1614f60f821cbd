using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Rookery.Client;

namespace Rookery.Command;

/// <summary>Publishes messages many at a time, and reports each in order.</summary>
internal sealed class LinePublisher
{
    // Events under way: enough to fill a batch of the broker, little enough to hold.
    private const int MostUnderWay = 1_024;

    private readonly RookeryClient _client;
    private readonly PubSettings _settings;
    private readonly Surroundings _around;
    private readonly Channel<Task<PublishReceipt>> _underWay = Channel.CreateBounded<Task<PublishReceipt>>(
        new BoundedChannelOptions(MostUnderWay) { SingleReader = true, SingleWriter = true });

    private readonly Task _reporting;
    private string? _broken;

    public LinePublisher(RookeryClient client, PubSettings settings, Surroundings around)
    {
        (_client, _settings, _around) = (client, settings, around);
        _reporting = ReportAsync();
    }

    /// <summary>Events that the broker refused, or may not have.</summary>
    public int Refused { get; private set; }

    public async Task PublishAsync(string message, string id, CancellationToken cancellationToken) => await _underWay.Writer.WriteAsync(
        _client.PublishAsync(_settings.Topic, id, PubCommand.ToJson(message, _settings.AsText), _settings.Options, cancellationToken).AsTask(), cancellationToken);

    public async Task PublishLinesAsync(TextReader lines, CancellationToken cancellationToken)
    {
        var n = 1L;
        try
        {
            // A pipe that is silent does not hear of the token.
            for (; await lines.ReadLineAsync(cancellationToken).AsTask().WaitAsync(cancellationToken) is { } line; n++)
            {
                var id = _settings.Id is { } begin ? $"{begin}-{n}" : Guid.CreateVersion7().ToString("N");
                await PublishAsync(line, id, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // What was read so far is reported.
        }
        catch (ChannelClosedException)
        {
            // Receipts cannot be written any more; the end says so.
        }
        catch (DecoderFallbackException)
        {
            _broken = $"the input is not UTF-8, in line {n} or soon after it; nothing from line {n} on was published";
        }
    }

    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        _underWay.Writer.TryComplete();
        try
        {
            await _reporting.WaitAsync(cancellationToken);
        }
        catch (IOException closed) when (Surroundings.IsClosedOutput(closed))
        {
            // Of a command that shows something this is the end; here there may be lines that nobody publishes any more.
            _broken ??= "whoever read the receipts is gone; lines that have none may not have been published";
        }

        if (_broken is not null)
        {
            Refused++;
            _around.Error.WriteLine($"rookery: {_broken}");
        }
    }

    private async Task ReportAsync()
    {
        try
        {
            await ReportEachAsync();
        }
        catch (Exception failed)
        {
            // Whoever waits for room would wait for ever.
            _underWay.Writer.TryComplete(failed);
            throw;
        }
    }

    private async Task ReportEachAsync()
    {
        var number = 0L;
        await foreach (var publishing in _underWay.Reader.ReadAllAsync())
        {
            number++;
            try
            {
                var receipt = await publishing;
                if (_settings.PrintReceipts)
                {
                    _around.Out.WriteLine(_settings.Json
                        ? string.Create(CultureInfo.InvariantCulture, $"{{\"topic\":\"{receipt.Topic}\",\"seq\":{receipt.Sequence},\"id\":{CommandJson.Text(receipt.Id)}}}")
                        : receipt.ToString());
                }
            }
            catch (Exception e) when (e is RookeryException or ArgumentException or OperationCanceledException)
            {
                Refused++;
                var which = _settings.Message is null ? $"line {number}: " : "";
                _around.Error.WriteLine($"rookery: {which}{Failures.Explain(e)}");
            }
        }
    }
}
