using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Anax.Bench.HeadToHead.Results;

/// <summary>
/// results.json: written as a whole after each measurement, under another name and then renamed, so that whenever the
/// run is cut off there is a whole file. One line for each measurement.
/// </summary>
internal sealed class ResultFile(string folder)
{
    public const string Name = "results.json";

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private string FullPath => Path.Combine(folder, Name);

    /// <summary>Null where there is none, or one that cannot be read.</summary>
    public ResultDocument? Load()
    {
        if (!File.Exists(FullPath)) return null;
        try
        {
            ResultDocument? document = JsonSerializer.Deserialize<ResultDocument>(File.ReadAllText(FullPath), Options);
            return document?.Format == ResultDocument.CurrentFormat ? document : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public void Save(ResultDocument document)
    {
        Directory.CreateDirectory(folder);
        string unfinished = FullPath + ".new";
        File.WriteAllText(unfinished, Text(document));
        File.Move(unfinished, FullPath, overwrite: true);
    }

    /// <summary>Keeps what is there under a name with the time at which it was written; empty where there is nothing.</summary>
    public string PutAside()
    {
        if (!File.Exists(FullPath)) return "";
        string stamp = File.GetLastWriteTimeUtc(FullPath).ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        string name = $"results-{stamp}.json";
        for (int number = 2; File.Exists(Path.Combine(folder, name)); number++) name = $"results-{stamp}-{number}.json";
        File.Move(FullPath, Path.Combine(folder, name));
        return name;
    }

    internal static string Text(ResultDocument document)
    {
        StringBuilder text = new("{\n");
        Add("format", Json(document.Format));
        Add("fingerprint", Json(document.Fingerprint));
        Add("settings", Json(document.Settings));
        Add("machine", Json(document.Machine));
        Add("servers", Lines(document.Servers));
        Add("preparations", Lines(document.Preparations));
        text.Append("\"measurements\": ").Append(Lines(document.Measurements)).Append("\n}\n");
        return text.ToString();

        void Add(string name, string json) => text.Append($"\"{name}\": {json},\n");
    }

    private static string Lines<T>(IReadOnlyCollection<T> rows) =>
        rows.Count == 0 ? "[]" : $"[\n{string.Join(",\n", rows.Select(row => Json(row)))}\n]";

    private static string Json<T>(T value) => JsonSerializer.Serialize(value, Options);
}
