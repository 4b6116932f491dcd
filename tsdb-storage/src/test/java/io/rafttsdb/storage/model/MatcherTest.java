package io.rafttsdb.storage.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatcherTest {

  @ParameterizedTest
  @CsvSource({
    "EQUAL, a, a, true",
    "EQUAL, a, ab, false",
    "NOT_EQUAL, a, '', true",
    "NOT_EQUAL, a, a, false",
    "REGEX, a|b, b, true",
    "REGEX, a|b, ab, false",
    "REGEX, a.*, abc, true",
    "REGEX, '', '', true",
    "REGEX, (?i)AB, ab, true",
    "NOT_REGEX, a.+, a, true",
    "NOT_REGEX, a.+, ab, false",
  })
  void matchesTheWholeValue(Matcher.Type type, String value, String label, boolean matches) {
    assertThat(new Matcher(type, "x", value).matches(label)).isEqualTo(matches);
  }

  @Test
  void aDotMatchesANewline() {
    assertThat(new Matcher(Matcher.Type.REGEX, "x", "a.b").matches("a\nb")).isTrue();
    assertThat(new Matcher(Matcher.Type.REGEX, "x", "a|b").matches("a\n")).isFalse();
  }

  @Test
  void namesTheFaultOfAnExpression() {
    assertThatThrownBy(() -> new Matcher(Matcher.Type.REGEX, "x", "a("))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("error parsing regexp: ");
  }
}
