package io.rafttsdb.node.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FloatTextTest {

  /** What Go's strconv.FormatFloat(v, 'f' or 'e', -1, 64) gives. */
  @ParameterizedTest
  @CsvSource({
    "0.0, 0",
    "-0.0, -0",
    "1, 1",
    "-1.5, -1.5",
    "0.1, 0.1",
    "100, 100",
    "120.5, 120.5",
    "1e-6, 0.000001",
    "1.25e-6, 0.00000125",
    "9.99e-7, 9.99e-07",
    "1e-7, 1e-07",
    "-1e-10, -1e-10",
    "1e20, 100000000000000000000",
    "123456789012345680000, 123456789012345680000",
    "9007199254740993, 9007199254740992",
    "1e21, 1e+21",
    "1.5e21, 1.5e+21",
    "2e23, 2e+23",
    "4.9E-324, 5e-324",
    "9.9E-324, 1e-323",
    "1.5e-323, 1.5e-323",
    "2.2250738585072014E-308, 2.2250738585072014e-308",
    "1.7976931348623157E308, 1.7976931348623157e+308",
    "0.30000000000000004, 0.30000000000000004",
    "NaN, NaN",
    "Infinity, +Inf",
    "-Infinity, -Inf",
  })
  void writesAsGoDoes(double value, String text) {
    assertThat(FloatText.of(value)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void readsBackAsTheSameNumberInPlainDecimalWithinTheBounds(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      double value =
          switch (i % 4) {
            case 0 -> Double.longBitsToDouble(random.nextLong());
            case 1 -> random.nextLong(1L << 60) / 1000.0;
            case 2 -> random.nextGaussian();
            default -> Math.scalb(random.nextDouble(), random.nextInt(200) - 100);
          };
      if (!Double.isFinite(value)) {
        continue;
      }
      String text = FloatText.of(value);
      assertThat(Double.parseDouble(text)).as("seed %d, %s", seed, text).isEqualTo(value);
      double abs = Math.abs(value);
      boolean plain = abs == 0 || (abs >= 1e-6 && abs < 1e21);
      assertThat(text.contains("e")).as("seed %d, %s", seed, text).isEqualTo(!plain);
      assertThat(digits(text))
          .as("seed %d, %s", seed, text)
          .isLessThanOrEqualTo(digits(Double.toString(value)));
    }
  }

  private static int digits(String number) {
    return new BigDecimal(number).stripTrailingZeros().precision();
  }
}
