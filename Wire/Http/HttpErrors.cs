namespace Rookery.Wire;

/// <summary>What only HTTP has to say; everything else is said in the words of <see cref="Errors"/>.</summary>
internal static class HttpErrors
{
    public const string TokenMissing = "a token is missing: send it as Authorization: Bearer <token>";
    public const string NotBearer = "the only authorization known is Bearer <token>";
    public const string BadName = "this server does not go by the name \"<name>\"; allowed are localhost, its addresses, and names it was given";
    public const string OtherOrigin = "a page of another origin may not do that";
    public const string ContentType = "the content type must be application/json, or application/x-ndjson with an event per line";
    public const string Charset = "JSON is UTF-8: no other charset is read";
    public const string ContentEncoding = "no content encoding is read: send the body as it is";
    public const string JsonOnly = "the content type must be application/json";
    public const string BodyTooLong = "the body is too long: at most <bytes> bytes are allowed";
    public const string TooManyEvents = "too many events: a request has at most <count>";
    public const string TooMuchPending = "too much is being published at once; try again later";
    public const string NotUtf8 = "the body is not valid UTF-8";
    public const string EmptyBody = "the body is empty; it is an event, an array of events, or lines of events";
    public const string TooManySubscriptions = "too many subscriptions are open: at most <count>";
    public const string NoSuchSession = "no session <id> that is yours";
    public const string OtherTopic = "the session is subscribed to <topic>";
    public const string WhatToSettle = "seqs or id is missing: seqs are numbers and ranges such as \"1-5,7\", id is that of an event";
    public const string BothToSettle = "id and seqs are both given: a request settles one or the other";
    public const string BadSequences = "bad seqs \"<text>\": allowed are <seq> and <a>-<b> with 1 <= a <= b, joined by commas, together at most 65536";
    public const string NoSuchSubscription = "no subscription <key> of topic <topic>";
    public const string NoSuchDead = "no dead letter <seq> of <key>";
    public const string TooSlow = "the line and the headers of the request did not come within 10 s";
    public const string LineTooLong = "the line of the request is too long: at most 8192 bytes are allowed";
    public const string HeadersTooLong = "the headers are too many or too long: at most 100 of together 32768 bytes are allowed";
    public const string Unreadable = "the request cannot be read: <why>";
    public const string NothingHere = "nothing is here; GET /api/openapi.json says what is where";
    public const string OtherMethod = "<method> is not possible here; allowed: <methods>";
}
