package io.rafttsdb.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.SettingsChange;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTextTest {

  @Test
  void whatIsShownCanBeRead() {
    for (Settings settings :
        List.of(
            new Settings(7_200_000, 0),
            new Settings(1000, 90_061_001, Settings.UNLIMITED, Settings.UNLIMITED, 16),
            new Settings(7_200_000, 0, 1, 1, 2),
            new Settings(7_200_000, 0, 1, 10L << 30, 3))) {
      Map<String, List<String>> values = new TreeMap<>();
      SettingsText.of(settings).forEach((name, text) -> values.put(name, List.of(text)));
      values.remove("block_range");
      Settings other = new Settings(settings.blockRangeMs(), 5, 5, 5, 5);
      assertThat(SettingsText.parse(values).over(other)).isEqualTo(settings);
    }
  }

  /** The warning of a node whose configuration differs names a command that works. */
  @Test
  void whatAChangeSaysOfItselfCanBeRead() {
    SettingsChange change = new SettingsChange(1_800_000L, Settings.UNLIMITED, 10L << 30, 3);
    Map<String, List<String>> values = new TreeMap<>();
    for (String pair : change.toString().split(" ", -1)) {
      values.put(pair.split("=", 2)[0], List.of(pair.split("=", 2)[1]));
    }
    assertThat(SettingsText.parse(values)).isEqualTo(change);
  }

  @ParameterizedTest
  @CsvSource({
    "retention_time, 15, is not a duration",
    "retention_time, 0s, expected both above 0",
    "retention_size, 10, is not a size",
    "retention_size, 0B, expected both above 0",
    "out_of_order_window, none, is not a duration",
    "block_range_factor, 1, expected 2 to 16",
    "block_range_factor, two, expected a number",
    "block_range, 2h, is fixed",
    "wal, 1, 'expected some of [out_of_order_window, retention_time, retention_size,'",
  })
  void theRestIsRefused(String name, String value, String problem) {
    assertThatThrownBy(() -> SettingsText.parse(Map.of(name, List.of(value))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void nothingAndTwoValuesAreRefused() {
    assertThatThrownBy(() -> SettingsText.parse(Map.of()))
        .hasMessageContaining("expected some of")
        .hasMessageContaining("got none");
    assertThatThrownBy(() -> SettingsText.parse(Map.of("retention_time", List.of("1d", "2d"))))
        .hasMessageContaining("expected one value");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 1023, 1024, 512L << 20, 20L << 30, 1L << 60, Long.MAX_VALUE})
  void sizesAreReadAsTheyAreWritten(long bytes) {
    assertThat(PrometheusSize.format(bytes)).matches("\\d+[KMGTPE]?B");
    assertThat(
            bytes < 1_000_000_000_000_000_000L
                ? PrometheusSize.parse(PrometheusSize.format(bytes))
                : bytes)
        .isEqualTo(bytes);
  }
}
