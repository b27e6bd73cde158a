namespace Anax.Tests.Stub;

/// <summary>
/// What a client that keeps to a schedule should have measured: from the time at which the schedule meant each request
/// to be sent to its reply, by the stub's record and the schedule's arithmetic alone.
/// </summary>
/// <remarks>
/// Connections share one period evenly, in the order in which they first send; each then sends a batch per period. The
/// schedule never moves, so where a request was held back its time is in these figures.
/// </remarks>
public static class ScheduleRecord
{
    private const double SecondNs = 1e9;

    /// <summary>The times from intended sending to reply, ascending.</summary>
    /// <param name="record">Of one phase of load and nothing else.</param>
    /// <param name="qps">Batches per second and connection; below 0 the same without holding back.</param>
    /// <param name="pipeline">Requests per batch.</param>
    /// <param name="startNs">When the schedule began; null where only the arrivals tell, the promptest of them best.</param>
    public static long[] LatenciesNs(StubRecord record, double qps, int pipeline = 1, long? startNs = null)
    {
        double periodNs = SecondNs / Math.Abs(qps);
        Dictionary<int, int> order = [], sent = [];
        for (int i = 0; i < record.Kept; i++) order.TryAdd(record.ConnectionOf(i), order.Count);
        double[] offsetsNs = new double[record.Kept];
        for (int i = 0; i < record.Kept; i++)
        {
            int connection = record.ConnectionOf(i);
            int number = sent[connection] = sent.GetValueOrDefault(connection, -1) + 1;
            offsetsNs[i] = (order[connection] / (double)order.Count + number / pipeline) * periodNs;
        }

        long start = startNs ?? Enumerable.Range(0, record.Kept).Min(i => record.ArrivalNs(i) - (long)offsetsNs[i]);
        List<long> times = [];
        for (int i = 0; i < record.Kept; i++)
        {
            if (record.ReplyNs(i) != 0) times.Add(record.ReplyNs(i) - start - (long)offsetsNs[i]);
        }

        times.Sort();
        return [.. times];
    }
}
