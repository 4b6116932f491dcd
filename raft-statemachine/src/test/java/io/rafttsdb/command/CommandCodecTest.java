package io.rafttsdb.command;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.BucketSpans;
import io.rafttsdb.storage.model.CounterResetHint;
import io.rafttsdb.storage.model.FloatHistogram;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Samples;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CommandCodecTest {

  private static final LogCommand GOLDEN_SETTINGS =
      new LogCommand.Configure(
          new Settings(7_200_000, 3_600_000, 1_296_000_000, 10_737_418_240L, 3));

  static LongStream seeds() {
    return LongStream.concat(
        LongStream.range(0, 64), new SplittableRandom().longs(8)); // a failure names its seed
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void decodesWhatWasEncoded(long seed) throws UnknownFormat {
    RandomGenerator random = new SplittableRandom(seed);
    List<SampleBatch> batches = new ArrayList<>();
    for (int i = random.nextInt(5); i >= 0; i--) {
      batches.add(RandomBatches.next(random));
    }
    LogCommand command = new LogCommand.Append(batches);

    assertThat(CommandCodec.decode(CommandCodec.encode(command))).isEqualTo(command);
  }

  /** Whatever bytes a log holds under the known version and kind: a value, never an exception. */
  @ParameterizedTest
  @MethodSource("seeds")
  void damagedBytesAreAValue(long seed) throws UnknownFormat {
    RandomGenerator random = new SplittableRandom(seed);
    byte[] entry =
        CommandCodec.encode(
            new LogCommand.Append(List.of(RandomBatches.next(random), RandomBatches.next(random))));
    for (int round = 0; round < 200; round++) {
      byte[] damaged = Arrays.copyOf(entry, 2 + random.nextInt(entry.length - 1));
      for (int flips = random.nextInt(4); flips > 0 && damaged.length > 2; flips--) {
        damaged[2 + random.nextInt(damaged.length - 2)] = (byte) random.nextInt();
      }
      LogCommand decoded;
      try {
        decoded = CommandCodec.decode(damaged);
      } catch (UnknownFormat e) {
        assertThat(e).hasMessageContaining("section"); // the flip hit a section's id
        continue;
      }
      if (!(decoded instanceof LogCommand.Malformed)) {
        assertThat(reencoded(decoded)).isEqualTo(decoded);
      }
    }
  }

  private static LogCommand reencoded(LogCommand command) throws UnknownFormat {
    return CommandCodec.decode(CommandCodec.encode(command));
  }

  @Test
  void commandsAboutBlocksRoundTrip() throws UnknownFormat {
    for (LogCommand command : goldenBlockCommands().values()) {
      assertThat(reencoded(command)).isEqualTo(command);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void damagedCommandsAboutBlocksAreAValue(long seed) throws UnknownFormat {
    RandomGenerator random = new SplittableRandom(seed);
    for (LogCommand command : goldenBlockCommands().values()) {
      byte[] entry = CommandCodec.encode(command);
      for (int round = 0; round < 50; round++) {
        byte[] damaged = Arrays.copyOf(entry, 3 + random.nextInt(entry.length - 2));
        for (int flips = 1 + random.nextInt(4); flips > 0 && damaged.length > 3; flips--) {
          damaged[3 + random.nextInt(damaged.length - 3)] = (byte) random.nextInt();
        }
        LogCommand decoded = CommandCodec.decode(damaged);
        if (!(decoded instanceof LogCommand.Malformed)) {
          assertThat(reencoded(decoded)).isEqualTo(decoded);
        }
      }
    }
  }

  @Test
  void anotherBlockWriterStopsTheNode() {
    byte[] entry = CommandCodec.encode(new LogCommand.CutHead(7_200_000, new Ulid(1, 2)));
    entry[2]++;
    assertThatThrownBy(() -> CommandCodec.decode(entry))
        .isInstanceOf(UnknownFormat.class)
        .hasMessageContaining("block writer 2");
  }

  @Test
  void aMatcherThatNobodyCanParseIsMalformed() throws UnknownFormat {
    byte[] entry = HexFormat.of().parseHex("0108" + "0000" + "01" + "02" + "0161" + "0128");
    assertThat(CommandCodec.decode(entry))
        .isInstanceOfSatisfying(
            LogCommand.Malformed.class,
            malformed -> assertThat(malformed.reason()).contains("error parsing regexp"));
  }

  @Test
  void settingsRoundTrip() throws UnknownFormat {
    assertThat(reencoded(GOLDEN_SETTINGS)).isEqualTo(GOLDEN_SETTINGS);
    LogCommand unlimited =
        new LogCommand.Configure(new Settings(1000, 0, Settings.UNLIMITED, Settings.UNLIMITED, 16));
    assertThat(reencoded(unlimited)).isEqualTo(unlimited);
  }

  @Test
  void unusableSettingsAreMalformed() throws UnknownFormat {
    assertThat(CommandCodec.decode(new byte[] {1, 2, 0, 0, 1, 1, 2}))
        .isInstanceOfSatisfying(
            LogCommand.Malformed.class,
            malformed -> assertThat(malformed.reason()).contains("block range of 0 ms"));
  }

  @Test
  void aClusterVersionRoundTrips() throws UnknownFormat {
    LogCommand command = new LogCommand.ClusterVersion(1);
    assertThat(reencoded(command)).isEqualTo(command);
    assertThat(CommandCodec.decode(new byte[] {1, 11, 0})).isInstanceOf(LogCommand.Malformed.class);
  }

  @Test
  void aClusterVersionThatThisProgramLacksStopsTheNode() {
    assertThatThrownBy(() -> CommandCodec.decode(new byte[] {1, 11, 2}))
        .isInstanceOf(UnknownFormat.class)
        .hasMessageContaining("cluster version 2")
        .hasMessageContaining("upgrade this node");
  }

  @Test
  void aLengthBeyondTheEntryIsMalformedBeforeAnythingIsAllocated() throws UnknownFormat {
    byte[] entry = HexFormat.of().parseHex("0101" + "ffffffff07");
    assertThat(CommandCodec.decode(entry))
        .isInstanceOfSatisfying(
            LogCommand.Malformed.class,
            malformed -> assertThat(malformed.reason()).contains("request count 2147483647"));
  }

  @Test
  void aRunLongerThanTheSamplesIsMalformed() throws UnknownFormat {
    // one request: one row of ref 1, a run of 2^63 timestamps, one value
    byte[] entry =
        HexFormat.of()
            .parseHex(
                "010101"
                    + "1c"
                    + "01020103"
                    + "040c00"
                    + "01"
                    + "feffffffffffffffff01"
                    + "0508"
                    + "0000000000000000");
    assertThat(CommandCodec.decode(entry))
        .isInstanceOfSatisfying(
            LogCommand.Malformed.class,
            malformed -> assertThat(malformed.reason()).contains("run of"));
  }

  @Test
  void anUnknownVersionStopsTheNode() {
    assertThatThrownBy(() -> CommandCodec.decode(new byte[] {2, 1, 0}))
        .isInstanceOf(UnknownFormat.class)
        .hasMessageContaining("format version 2")
        .hasMessageContaining("upgrade this node");
  }

  @Test
  void anUnknownKindStopsTheNode() {
    assertThatThrownBy(() -> CommandCodec.decode(new byte[] {1, 99, 0}))
        .isInstanceOf(UnknownFormat.class)
        .hasMessageContaining("command kind 99");
  }

  @Test
  void aReservedSectionStopsTheNode() {
    byte[] exemplars = {1, 1, 1, 2, 7, 0};
    assertThatThrownBy(() -> CommandCodec.decode(exemplars))
        .isInstanceOf(UnknownFormat.class)
        .hasMessageContaining("section 7");
  }

  @Test
  void aHistogramBehindTheLastSampleIsMalformed() throws UnknownFormat {
    // one request: one row of ref 1 with one timestamp, and a stale histogram after a second float
    byte[] entry =
        HexFormat.of().parseHex("010101" + "0d" + "01020103" + "04020000" + "0603010108");
    assertThat(CommandCodec.decode(entry))
        .isInstanceOfSatisfying(
            LogCommand.Malformed.class,
            malformed ->
                assertThat(malformed.reason())
                    .isEqualTo("histogram 0 after 1 floats, of which there are 0"));
  }

  @Test
  void aDamagedHistogramIsMalformed() throws UnknownFormat {
    byte[] entry =
        HexFormat.of().parseHex("010101" + "0d" + "01020103" + "04020000" + "0603000120");
    assertThat(CommandCodec.decode(entry))
        .isInstanceOfSatisfying(
            LogCommand.Malformed.class,
            malformed ->
                assertThat(malformed.reason())
                    .isEqualTo("histogram 0: a histogram with flags 100000"));
  }

  @Test
  void joinedRequestsAreTheSameEntry() {
    RandomGenerator random = new SplittableRandom(5);
    List<SampleBatch> batches = List.of(RandomBatches.next(random), RandomBatches.next(random));
    List<byte[]> requests = batches.stream().map(CommandCodec::encodeRequest).toList();
    byte[] entry = CommandCodec.joinRequests(requests);

    assertThat(entry).isEqualTo(CommandCodec.encode(new LogCommand.Append(batches)));
    int joined = requests.stream().mapToInt(r -> CommandCodec.joinedBytes(r.length)).sum();
    assertThat(entry.length).isLessThanOrEqualTo(CommandCodec.entryBytesMax(joined));
  }

  /** The budget of the log: about ten bytes a sample of a known series. */
  @Test
  void aScrapeCostsAboutNineBytesASample() {
    RandomGenerator random = new SplittableRandom(1);
    SampleBatch.Builder scrape = new SampleBatch.Builder();
    for (int i = 0; i < 2_000; i++) {
      scrape.series(100_000 + i + random.nextInt(3)).sample(1_700_000_000_000L, random.nextLong());
    }
    double bytes = CommandCodec.encodeRequest(scrape.build()).length / 2_000.0;
    System.out.println("log bytes a sample, scrape of known series: " + bytes);
    assertThat(bytes).isBetween(8.0, 9.1);
  }

  @Test
  void aRegularSeriesCostsNextToNothingForItsTimestamps() {
    SampleBatch.Builder series = new SampleBatch.Builder().series(7);
    for (int i = 0; i < 5_000; i++) {
      series.sample(1_700_000_000_000L + i * 15_000L, i);
    }
    assertThat(CommandCodec.encodeRequest(series.build()).length).isLessThan(5_000 * 8 + 40);
  }

  @Test
  void formatOneStaysReadable() throws IOException, UnknownFormat {
    assertGolden("append-v1.hex", goldenAppend());
    assertGolden("append-histograms-v1.hex", goldenHistograms());
    assertGolden("configure-v1.hex", GOLDEN_SETTINGS);
    assertGolden("cluster-version-v1.hex", new LogCommand.ClusterVersion(1));
    for (Map.Entry<String, LogCommand> golden : goldenBlockCommands().entrySet()) {
      assertGolden(golden.getKey() + "-v1.hex", golden.getValue());
    }
  }

  private static Map<String, LogCommand> goldenBlockCommands() {
    Ulid first = Ulid.parse("01HEZRKG00ABCDEFGHJKMNPQRS");
    Ulid second = Ulid.parse("01HEZRKG01ABCDEFGHJKMNPQRS");
    byte[] checksum = new byte[Digest.BYTES];
    for (int i = 0; i < checksum.length; i++) {
      checksum[i] = (byte) i;
    }
    List<Matcher> matchers =
        List.of(
            new Matcher(Matcher.Type.EQUAL, "__name__", "up"),
            new Matcher(Matcher.Type.NOT_EQUAL, "job", ""),
            new Matcher(Matcher.Type.REGEX, "host", "ä.*|b"),
            new Matcher(Matcher.Type.NOT_REGEX, "zone", "x+"));
    return Map.of(
        "freeze",
        new LogCommand.Freeze(first),
        "import-block",
        new LogCommand.ImportBlock(
            second,
            -7_200_000,
            1_700_006_400_001L,
            new BlockFacts(Digest.of(checksum), 9, 5, 300, 36_000)),
        "restore",
        new LogCommand.Restore(1_700_006_400_001L, 1_700_006_400_000L),
        "cut-head",
        new LogCommand.CutHead(1_700_006_400_000L, first),
        "cut-out-of-order",
        new LogCommand.CutOutOfOrder(
            List.of(
                new SealedRange(first, SealedRange.Kind.OUT_OF_ORDER, -7_200_000, 0),
                new SealedRange(second, SealedRange.Kind.OUT_OF_ORDER, 7_200_000, 14_400_000))),
        "block-built",
        new LogCommand.BlockBuilt(
            first, new BlockFacts(Digest.of(checksum), 123_456_789_012L, 5, 300, 36_000)),
        "compact",
        new LogCommand.Compact(second, List.of(first, new Ulid(-1, -2))),
        "drop",
        new LogCommand.DropBlocks(List.of(first, second)),
        "delete",
        new LogCommand.Delete(matchers, Long.MIN_VALUE, Long.MAX_VALUE));
  }

  private static LogCommand goldenAppend() {
    Labels up = Labels.of("__name__", "up", "job", "node", "instance", "host:9100");
    SampleBatch scrape =
        new SampleBatch.Builder()
            .series(41)
            .sample(1_700_000_000_000L, Double.doubleToRawLongBits(1.5))
            .series(42)
            .sample(1_700_000_000_000L, Samples.STALE)
            .series(up)
            .sample(1_700_000_000_000L, Double.doubleToRawLongBits(1))
            .build();
    SampleBatch uneven =
        new SampleBatch.Builder()
            .series(7)
            .sample(1_700_000_000_000L, 1)
            .sample(1_700_000_015_000L, 2)
            .sample(1_700_000_030_000L, 3)
            .series(3)
            .build();
    SampleBatch farTimes = new SampleBatch.Builder().series(1).sample(Long.MIN_VALUE, -1).build();
    SampleBatch empty = new SampleBatch.Builder().build();
    return new LogCommand.Append(List.of(scrape, uneven, farTimes, empty));
  }

  private static LogCommand goldenHistograms() {
    BucketLayout exponential =
        BucketLayout.exponential(
            3,
            Double.doubleToRawLongBits(0x1p-128),
            BucketSpans.of(-1, 2, 3, 1),
            BucketSpans.of(0, 1));
    BucketLayout custom =
        BucketLayout.custom(BucketSpans.of(0, 2), new long[] {Double.doubleToRawLongBits(0.5)});
    SampleBatch mixed =
        new SampleBatch.Builder()
            .series(41)
            .sample(1_700_000_000_000L, Double.doubleToRawLongBits(1.5))
            .histogram(
                1_700_000_015_000L,
                new IntegerHistogram(
                    exponential,
                    CounterResetHint.UNKNOWN,
                    11,
                    1,
                    Double.doubleToRawLongBits(5),
                    new long[] {3, 2, -4},
                    new long[] {1}))
            .histogram(1_700_000_030_000L, IntegerHistogram.stale(CounterResetHint.NOT_RESET))
            .series(42)
            .sample(1_700_000_000_000L, Samples.STALE)
            .histogram(
                1_700_000_015_000L,
                new FloatHistogram(
                    custom,
                    CounterResetHint.GAUGE,
                    Double.doubleToRawLongBits(1.5),
                    0,
                    Samples.NAN,
                    new long[] {Double.doubleToRawLongBits(1), Double.doubleToRawLongBits(0.5)},
                    new long[0]))
            .build();
    SampleBatch alone =
        new SampleBatch.Builder()
            .series(7)
            .histogram(1_700_000_000_000L, FloatHistogram.stale(CounterResetHint.RESET))
            .build();
    return new LogCommand.Append(List.of(mixed, alone));
  }

  private static void assertGolden(String name, LogCommand command)
      throws IOException, UnknownFormat {
    byte[] golden;
    try (InputStream in = CommandCodecTest.class.getResourceAsStream(name)) {
      assertThat(in)
          .as(name + ", expected " + HexFormat.of().formatHex(CommandCodec.encode(command)))
          .isNotNull();
      golden = HexFormat.of().parseHex(new String(in.readAllBytes(), US_ASCII).strip());
    }
    assertThat(CommandCodec.decode(golden)).isEqualTo(command);
    assertThat(CommandCodec.encode(command)).isEqualTo(golden);
  }
}
