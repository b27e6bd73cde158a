using Anax.Bench.HeadToHead;
using Anax.Bench.HeadToHead.Settings;

return new SettingsReader().Run(args, Comparison.Run);
