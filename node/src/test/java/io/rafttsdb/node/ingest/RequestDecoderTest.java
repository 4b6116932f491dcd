package io.rafttsdb.node.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.node.ingest.RequestDecoder.Naming;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.Samples;
import io.rafttsdb.storage.model.Settings;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class RequestDecoderTest {

  private static final long NOW = 1_700_000_000_000L;
  private static final byte[] UP = RawRequest.labels("__name__", "up", "job", "node");
  private static final byte[] DOWN = RawRequest.labels("__name__", "down", "job", "node");

  private final Tsdb storage = new Tsdb();
  private final SeriesCache cache = new SeriesCache();
  private final RequestDecoder decoder = new RequestDecoder(cache);
  private Refusals refusals = new Refusals();
  private long index;

  @BeforeEach
  void configure() {
    storage.configure(new Settings(Settings.BLOCK_RANGE_DEFAULT_MS, 0));
    storage.publish(++index);
  }

  private static byte[] series(byte[] labels, byte[]... samples) {
    RawRequest series = new RawRequest().raw(labels);
    for (byte[] sample : samples) {
      series.field(RawRequest.SAMPLE, sample);
    }
    return series.bytes();
  }

  private static byte[] body(byte[]... series) {
    RawRequest request = new RawRequest();
    for (byte[] each : series) {
      request.field(RawRequest.SERIES, each);
    }
    return request.body();
  }

  private SampleBatch decode(byte[] body) throws BadRequest {
    return decode(body, Naming.BY_REF);
  }

  private SampleBatch decode(byte[] body, Naming naming) throws BadRequest {
    refusals = new Refusals();
    return decoder.decode(RequestBody.snappy(body), storage, NOW, naming, refusals);
  }

  @Test
  void aSeriesIsDefinedOnceAndKnownByItsRefAfterwards() throws BadRequest {
    byte[] body =
        body(
            series(UP, RawRequest.sample(NOW, 1), RawRequest.sample(NOW - 1, -0.0)),
            series(DOWN, RawRequest.sample(NOW, 2)));

    SampleBatch first = decode(body);
    assertThat(first.rowCount()).isEqualTo(2);
    assertThat(first.definition(0)).isEqualTo(Labels.of("__name__", "up", "job", "node"));
    assertThat(first.valueBits(1)).isEqualTo(Double.doubleToRawLongBits(-0.0));
    assertThat(first.timestampMs(2)).isEqualTo(NOW);
    storage.append(first);
    storage.publish(++index);

    for (int round = 0; round < 2; round++) { // the second finds them in the cache
      SampleBatch again = decode(body);
      assertThat(again.ref(0)).isEqualTo(storage.refOf(first.definition(0))).isPositive();
      assertThat(again.ref(1)).isEqualTo(storage.refOf(first.definition(1))).isPositive();
      assertThat(again.sampleCount()).isEqualTo(3);
      assertThat(refusals.isEmpty()).isTrue();
    }
    assertThat(decode(body, Naming.BY_LABELS)).isEqualTo(first);
  }

  @Test
  void aCachedRefOfAnotherStorageIsNotTrusted() throws BadRequest {
    byte[] body = body(series(UP, RawRequest.sample(NOW, 1)));
    storage.append(decode(body));
    storage.publish(++index);
    decode(body); // into the cache

    Tsdb other = new Tsdb();
    other.configure(new Settings(Settings.BLOCK_RANGE_DEFAULT_MS, 0));
    other.append(
        new SampleBatch.Builder().series(Labels.of("__name__", "x")).sample(NOW, 1).build());
    other.publish(1);
    SampleBatch batch =
        decoder.decode(RequestBody.snappy(body), other, NOW, Naming.BY_REF, new Refusals());
    assertThat(batch.ref(0)).isEqualTo(SampleBatch.NO_REF);
  }

  @Test
  void staleMarkersAndMissingFieldsKeepTheirBits() throws BadRequest {
    byte[] stale = RawRequest.sample(NOW, Double.longBitsToDouble(Samples.STALE));
    SampleBatch batch = decode(body(series(UP, stale, new byte[0])));
    assertThat(batch.valueBits(0)).isEqualTo(Samples.STALE);
    assertThat(batch.timestampMs(1)).isZero();
    assertThat(batch.valueBits(1)).isZero();
  }

  @Test
  void whatIsRefusedLeavesTheRest() throws BadRequest {
    byte[] wrong = new RawRequest().varint(15, NOW).varint(1, 5).bytes();
    byte[] ahead = new RawRequest().varint(15, NOW + 1).bytes();
    byte[] histograms =
        new RawRequest()
            .raw(UP)
            .field(RawRequest.HISTOGRAM, wrong)
            .field(RawRequest.HISTOGRAM, ahead)
            .bytes();
    SampleBatch batch =
        decode(
            body(
                series(UP, RawRequest.sample(NOW + 1, 1), RawRequest.sample(NOW, 2)),
                series(RawRequest.labels("job", "x"), RawRequest.sample(NOW, 3)),
                histograms,
                series(DOWN, RawRequest.sample(NOW, 4))));
    assertThat(batch.sampleCount()).isEqualTo(2);
    assertThat(refusals.count()).isEqualTo(4);
    assertThat(refusals.text())
        .isEqualTo(
            """
            out of bounds: series={__name__="up", job="node"} timestamp=1700000000001
            no label __name__
            0 observations found in buckets, but the Count field is 5: histogram's observation \
            count should equal the number of observations found in the buckets (in absence of \
            NaN): series={__name__="up", job="node"} timestamp=1700000000000
            out of bounds: series={__name__="up", job="node"} timestamp=1700000000001
            all other samples of the request are stored\
            """);
  }

  @Test
  void floatsAndHistogramsOfASeriesAreInOneRow() throws BadRequest {
    NativeHistogram histogram = RawHistogram.any(new SplittableRandom(1));
    NativeHistogram later = RawHistogram.any(new SplittableRandom(2));
    byte[] both =
        new RawRequest()
            .raw(UP)
            .field(RawRequest.SAMPLE, RawRequest.sample(NOW - 2, 1))
            .field(RawRequest.HISTOGRAM, RawHistogram.of(NOW - 1, histogram))
            .field(RawRequest.HISTOGRAM, RawHistogram.of(NOW, later))
            .bytes();
    byte[] nameless =
        new RawRequest()
            .raw(RawRequest.labels("job", "x"))
            .field(RawRequest.HISTOGRAM, RawHistogram.of(NOW, later))
            .bytes();

    assertThat(decode(body(both, nameless)))
        .isEqualTo(
            new SampleBatch.Builder()
                .series(Labels.of("__name__", "up", "job", "node"))
                .sample(NOW - 2, Double.doubleToRawLongBits(1))
                .histogram(NOW - 1, histogram)
                .histogram(NOW, later)
                .build());
    assertThat(refusals.count()).isEqualTo(1);
  }

  @Test
  void manyRefusalsAreCountedAndTheFirstTold() throws BadRequest {
    byte[][] samples = new byte[25][];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = RawRequest.sample(NOW + 1 + i, 1);
    }
    decode(body(series(UP, samples)));
    assertThat(refusals.text()).contains("timestamp=1700000000010").contains("and 15 more");
  }

  @Test
  void aSeriesWithoutSamplesIsNotDefined() throws BadRequest {
    assertThat(decode(body(series(UP))).rowCount()).isZero();
    assertThat(decode(new RawRequest().body()).rowCount()).isZero();
  }

  @Test
  void exemplarsMetadataAndUnknownFieldsArePassedOver() throws BadRequest {
    byte[] rich =
        new RawRequest()
            .raw(UP)
            .field(RawRequest.SAMPLE, RawRequest.sample(NOW, 1))
            .field(RawRequest.EXEMPLAR, new byte[] {9, 9})
            .field(15, new byte[] {1})
            .bytes();
    byte[] body =
        new RawRequest().field(RawRequest.SERIES, rich).field(3, new byte[] {8, 1}).body();
    assertThat(decode(body).sampleCount()).isEqualTo(1);
    assertThat(refusals.isEmpty()).isTrue();
  }

  @Test
  void aBodyThatIsNoRequestIsRefusedWhole() throws BadRequest {
    assertMalformed(new byte[0], "snappy");
    assertMalformed(new byte[] {5, 1, 2, 3}, "snappy");
    assertMalformed(RawRequest.compress(new byte[] {0x0a, 0x7f, 1}), "more than there are");
    assertMalformed(RawRequest.compress(new byte[] {0x0b}), "wire type 3");
    byte[] late =
        new RawRequest().field(RawRequest.SAMPLE, RawRequest.sample(NOW, 1)).raw(UP).bytes();
    assertMalformed(body(series(UP, RawRequest.sample(NOW, 1)), late), "before its samples");
    // What the failed ones had begun is not in the next batch.
    assertThat(decode(body(series(DOWN, RawRequest.sample(NOW, 1)))).rowCount()).isEqualTo(1);
  }

  private void assertMalformed(byte[] body, String part) {
    assertThatThrownBy(() -> decode(body))
        .isInstanceOfSatisfying(BadRequest.class, e -> assertThat(e.status()).isEqualTo(400))
        .hasMessageContaining(part);
  }

  @Test
  void aBodyThatDecodesToTooMuchIsRefusedBeforeItIsDecoded() {
    byte[] bomb = {(byte) 0x81, (byte) 0x80, (byte) 0x80, 0x08, 0}; // claims 16 MiB and a byte
    assertThatThrownBy(() -> decode(bomb))
        .isInstanceOfSatisfying(BadRequest.class, e -> assertThat(e.status()).isEqualTo(413))
        .hasMessageContaining("at most 16777216");
  }

  static LongStream seeds() {
    return LongStream.concat(LongStream.range(0, 20), new Random().longs(4));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void anyBytesEndInABatchOrARefusal(long seed) throws BadRequest {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] good =
        new RawRequest()
            .field(RawRequest.SERIES, series(UP, RawRequest.sample(NOW, 1)))
            .field(RawRequest.SERIES, series(DOWN, RawRequest.sample(NOW, 2)))
            .field(
                RawRequest.SERIES,
                new RawRequest()
                    .raw(UP)
                    .field(RawRequest.HISTOGRAM, RawHistogram.of(NOW, RawHistogram.any(random)))
                    .field(RawRequest.HISTOGRAM, RawHistogram.of(NOW, RawHistogram.any(random)))
                    .bytes())
            .bytes();
    storage.append(decode(RawRequest.compress(good)));
    storage.publish(++index);
    for (int round = 0; round < 500; round++) {
      byte[] bytes = good.clone();
      for (int i = random.nextInt(3); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      byte[] body = RawRequest.compress(bytes);
      if (random.nextInt(4) == 0) {
        body[random.nextInt(body.length)] = (byte) random.nextInt();
      }
      try {
        SampleBatch batch = decode(body);
        assertThat(batch.rowCount()).isLessThanOrEqualTo(bytes.length);
        for (int i = 0; i < batch.sampleCount(); i++) {
          NativeHistogram histogram = batch.histogram(i);
          assertThat(histogram == null ? null : histogram.problem()).isNull();
        }
      } catch (BadRequest e) {
        assertThat(e.status()).isIn(400, 413);
      }
    }
  }
}
