package io.rafttsdb.node.config;

import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.SettingsChange;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The replicated settings as people name and write them. */
public final class SettingsText {

  private static final String OUT_OF_ORDER_WINDOW = "out_of_order_window";
  private static final String RETENTION_TIME = "retention_time";
  private static final String RETENTION_SIZE = "retention_size";
  private static final String BLOCK_RANGE_FACTOR = "block_range_factor";
  private static final String BLOCK_RANGE = "block_range";

  private static final List<String> CHANGEABLE =
      List.of(OUT_OF_ORDER_WINDOW, RETENTION_TIME, RETENTION_SIZE, BLOCK_RANGE_FACTOR);

  /** In place of a limit: there is none. */
  private static final String NO_LIMIT = "none";

  private SettingsText() {}

  /**
   * Reads new values of some settings.
   *
   * @throws IllegalArgumentException where one has another name, no possible value or two, or there
   *     is none; the message says what was expected
   */
  public static SettingsChange parse(Map<String, List<String>> values) {
    TreeSet<String> unknown = new TreeSet<>(values.keySet());
    CHANGEABLE.forEach(unknown::remove);
    if (unknown.contains(BLOCK_RANGE)) {
      throw new IllegalArgumentException(BLOCK_RANGE + " is fixed when the cluster comes to be");
    }
    if (!unknown.isEmpty() || values.isEmpty()) {
      throw new IllegalArgumentException(
          "expected some of " + CHANGEABLE + ", got " + (unknown.isEmpty() ? "none" : unknown));
    }
    Map<String, String> single = new TreeMap<>();
    values.forEach((name, all) -> {
      if (all.size() != 1) {
        throw new IllegalArgumentException(name + ": expected one value, got " + all);
      }
      single.put(name, all.getFirst());
    });
    SettingsChange change =
        new SettingsChange(
            value(single, OUT_OF_ORDER_WINDOW, SettingsText::milliseconds),
            value(single, RETENTION_TIME, limit(SettingsText::milliseconds)),
            value(single, RETENTION_SIZE, limit(PrometheusSize::parse)),
            value(single, BLOCK_RANGE_FACTOR, SettingsText::number));
    Settings _ = change.over(new Settings(Settings.BLOCK_RANGE_DEFAULT_MS, 0)); // checks the values
    return change;
  }

  private static <T> @Nullable T value(
      Map<String, String> values, String name, Function<String, T> reader) {
    String text = values.get(name);
    try {
      return text == null ? null : reader.apply(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  private static long milliseconds(String text) {
    return PrometheusDuration.parse(text).toMillis();
  }

  private static Function<String, Long> limit(Function<String, Long> reader) {
    return text -> text.equals(NO_LIMIT) ? Long.valueOf(Settings.UNLIMITED) : reader.apply(text);
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("expected a number, got \"" + text + "\"", e);
    }
  }

  /**
   * All settings by name, in the order in which they are shown; {@link #parse} reads the values.
   */
  public static Map<String, String> of(Settings settings) {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(BLOCK_RANGE, PrometheusDuration.format(Duration.ofMillis(settings.blockRangeMs())));
    texts.put(
        OUT_OF_ORDER_WINDOW,
        PrometheusDuration.format(Duration.ofMillis(settings.outOfOrderWindowMs())));
    texts.put(
        RETENTION_TIME,
        settings.retentionMs() == Settings.UNLIMITED
            ? NO_LIMIT
            : PrometheusDuration.format(Duration.ofMillis(settings.retentionMs())));
    texts.put(
        RETENTION_SIZE,
        settings.retentionBytes() == Settings.UNLIMITED
            ? NO_LIMIT
            : PrometheusSize.format(settings.retentionBytes()));
    texts.put(BLOCK_RANGE_FACTOR, Integer.toString(settings.rangeFactor()));
    return texts;
  }
}
