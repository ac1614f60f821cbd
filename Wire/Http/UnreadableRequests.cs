using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using ListenOptions = Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions;

namespace Rookery.Wire;

/// <summary>
/// Answers requests that the web server cannot read, and therefore never gives to us: a line or headers that are too long, or
/// come too slowly, or are no HTTP. Left alone it answers with a status and nothing else; but it tells of each before it does.
/// </summary>
internal sealed class UnreadableRequests : IObserver<KeyValuePair<string, object?>>
{
    private const string Event = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    private UnreadableRequests()
    {
    }

    /// <summary>Lets connections of an endpoint be answered; behind TLS, where it has that.</summary>
    public static void Watch(ListenOptions listen) => listen.Use(static next => connection =>
    {
        var reader = new RequestReader(connection.Transport.Input);
        var writer = new AnsweringWriter(connection.Transport.Output);
        connection.Features.Set(new Client(reader, writer, connection.Features.Get<ITlsHandshakeFeature>()));
        connection.Transport = new Transport(reader, writer);
        return next(connection);
    });

    /// <summary>Answers on the connections that are watched.</summary>
    /// <param name="app">Whose they are; as long as it lives.</param>
    public static void Answer(WebApplication app) =>
        app.Services.GetRequiredService<DiagnosticListener>().Subscribe(new UnreadableRequests(), static (name, _, _) => name == Event);

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value is { Key: Event, Value: IFeatureCollection request }
            && request.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException error
            && request.Get<Client>() is { } client
            && request.Get<ITlsHandshakeFeature>() == client.Tls
            && request.Get<IHttpResponseFeature>() is { HasStarted: false }
            && !HttpProtocol.IsHttp2(request.Get<IHttpRequestFeature>()?.Protocol ?? ""))
        {
            WireMetrics.HttpRequests.Add(1);
            WireMetrics.HttpErrors.Add(1);
            client.Writer.Answer(Bytes(error.StatusCode, Text(error), withBody: !IsHead(request, client)));
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    /// <summary>Whether the head alone was asked for: the method where the first line was read, else what that line begins with.</summary>
    private static bool IsHead(IFeatureCollection request, Client client) =>
        request.Get<IHttpRequestFeature>()?.Method is { Length: > 0 } method ? HttpMethods.IsHead(method) : client.Reader.StartsWithHead;

    private static byte[] Bytes(int status, string text, bool withBody)
    {
        var body = RelaxedJson.Text(RelaxedJson.Members(json => json.WriteString("error", text)));
        var headers = new HeaderDictionary { ["Content-Type"] = "application/json", ["Connection"] = "close" };
        HttpHeaders.Set(headers);
        headers.ContentLength = Encoding.UTF8.GetByteCount(body);
        var answer = new StringBuilder();
        answer.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} {ReasonPhrases.GetReasonPhrase(status)}\r\n");
        foreach (var (name, values) in headers)
        {
            answer.Append(CultureInfo.InvariantCulture, $"{name}: {values}\r\n");
        }

        return Encoding.UTF8.GetBytes(answer.Append("\r\n").Append(withBody ? body : "").ToString());
    }

    private static string Text(BadHttpRequestException error) => error.StatusCode switch
    {
        StatusCodes.Status408RequestTimeout => HttpErrors.TooSlow,
        StatusCodes.Status414UriTooLong => HttpErrors.LineTooLong,
        StatusCodes.Status431RequestHeaderFieldsTooLarge => HttpErrors.HeadersTooLong,
        _ => Errors.Fill(HttpErrors.Unreadable, error.Message.TrimEnd('.').Replace(": ''", "", StringComparison.Ordinal)),
    };

    /// <summary>The other end of a connection.</summary>
    /// <param name="Reader">What comes from it.</param>
    /// <param name="Writer">What goes to it.</param>
    /// <param name="Tls">What stands between; null: nothing. Where there came more later, the writer is not the place to speak any more.</param>
    private sealed record Client(RequestReader Reader, AnsweringWriter Writer, ITlsHandshakeFeature? Tls);

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
