package io.rafttsdb.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.airlift.compress.v3.snappy.SnappyJavaDecompressor;
import io.rafttsdb.client.RemoteWriteRequest;
import io.rafttsdb.client.TimeSeries;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SnappyTemplateTest {

  private static final int SERIES = 500;
  private static final long NOW_MS = 1_795_000_000_000L;

  @Test
  void aPatchedBodyHoldsTheSameMessageAsTheEncoderOfTheClientMakes() {
    SnappyTemplate template = SnappyTemplate.of(300, SERIES);
    for (int step = 0; step < 3; step++) {
      List<TimeSeries> series = new ArrayList<>();
      for (int i = 0; i < SERIES; i++) {
        double value = i * 1.25 + step;
        template.set(i, NOW_MS + step, value);
        series.add(TimeSeries.of(DevopsSeries.labels(300 + i), NOW_MS + step, value));
      }
      byte[] expected = decompress(RemoteWriteRequest.of(series).body());
      assertThat(decompress(template.body())).isEqualTo(expected);
      assertThat(template.body()).hasSizeLessThan(expected.length / 3);
    }
  }

  @Test
  void everySeriesIsAnother() {
    Set<Map<String, String>> all = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      assertThat(all.add(DevopsSeries.labels(i))).as("series %d", i).isTrue();
    }
  }

  private static byte[] decompress(byte[] body) {
    SnappyJavaDecompressor decompressor = new SnappyJavaDecompressor();
    byte[] message = new byte[decompressor.getUncompressedLength(body, 0)];
    decompressor.decompress(body, 0, body.length, message, 0, message.length);
    return message;
  }
}
