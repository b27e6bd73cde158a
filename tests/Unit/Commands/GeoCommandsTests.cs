using System.Globalization;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

public class GeoCommandsTests
{
    [Fact]
    public void PlacesComeBackWithTheirDigits()
    {
        using var server = new TestServer();
        Assert.Equal(":2", server.Run("GEOADD", "sicily", "13.361389", "38.115556", "Palermo", "15.087269", "37.502669", "Catania"));
        Assert.Equal("166274.1516", server.Run("GEODIST", "sicily", "Palermo", "Catania"));
        Assert.Equal("103.3182", server.Run("GEODIST", "sicily", "Palermo", "Catania", "mi"));
        Assert.Equal("[sqc8b49rny0, sqdtr74hyu0, (nil)]", server.Run("GEOHASH", "sicily", "Palermo", "Catania", "none"));
        Assert.Equal("[[13.36138933897018433, 38.11555639549629859], (nil)]", server.Run("GEOPOS", "sicily", "Palermo", "none"));
        Assert.Equal("[[Palermo, 190.4424], [Catania, 56.4413]]", server.Run("GEORADIUS", "sicily", "15", "37", "200", "km", "WITHDIST"));
        Assert.Equal("[Catania, Palermo]", server.Run("GEOSEARCH", "sicily", "FROMLONLAT", "15", "37", "BYBOX", "400", "400", "km", "ASC"));
        Assert.Equal("-ERR invalid longitude,latitude pair 200.000000,100.000000", server.Run("GEOADD", "sicily", "200", "100", "x"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void SearchesFindWhatIsNearEnough(int shards)
    {
        using var server = new TestServer(shards);
        var random = new Random(5);
        var places = new Dictionary<string, (double Longitude, double Latitude)>();
        for (int i = 0; i < 6000; i++) places[$"p{i}"] = (random.NextDouble() * 4 - 2, random.NextDouble() * 4 + 50);
        server.Run(["GEOADD", "g", .. places.SelectMany(p => new[] { Text(p.Value.Longitude), Text(p.Value.Latitude), p.Key })]);
        foreach (int km in new[] { 1, 20, 100, 500 })
        {
            var found = server.Ask("GEOSEARCH", "g", "FROMLONLAT", "0", "52", "BYRADIUS", $"{km}", "km").Items.Select(i => i.Text).ToHashSet();
            foreach ((string name, (double longitude, double latitude)) in places)
            {
                double distance = Distance(0, 52, longitude, latitude);
                if (Math.Abs(distance - km * 1000) > 10) Assert.Equal(distance < km * 1000, found.Contains(name));
            }
        }
        Reply nearest = server.Ask("GEOSEARCH", "g", "FROMLONLAT", "0", "52", "BYRADIUS", "500", "km", "COUNT", "5", "WITHDIST");
        double[] distances = [.. nearest.Items.Select(i => double.Parse(i.Items[1].Text, CultureInfo.InvariantCulture))];
        Assert.Equal(distances.Order(), distances);
        Assert.Equal(":6000", server.Run("GEOSEARCHSTORE", "d", "g", "FROMLONLAT", "0", "52", "BYRADIUS", "900", "km"));
        Assert.Equal(":6000", server.Run("ZINTERCARD", "2", "d", "g"));
        Assert.Equal(":5", server.Run("GEORADIUS", "g", "0", "52", "900", "km", "COUNT", "5", "STOREDIST", "e"));
        Assert.Equal(distances[0], double.Parse(server.Ask("ZRANGE", "e", "0", "0", "WITHSCORES").Items[1].Text, CultureInfo.InvariantCulture), 1e-3);
    }

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static double Distance(double longitude1, double latitude1, double longitude2, double latitude2)
    {
        double v = Math.Sin((longitude2 - longitude1) * Math.PI / 360), u = Math.Sin((latitude2 - latitude1) * Math.PI / 360);
        double a = u * u + Math.Cos(latitude1 * Math.PI / 180) * Math.Cos(latitude2 * Math.PI / 180) * v * v;
        return 2 * 6372797.560856 * Math.Asin(Math.Sqrt(a));
    }
}
