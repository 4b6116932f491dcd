package io.rafttsdb.node.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The keys that a configuration may have: those of {@code reference.conf} and of a member. */
final class KnownKeys {

  private static final String MEMBERS = "raft-tsdb.members";
  private static final Set<String> MEMBER_KEYS = Set.of("name", "http", "raft");

  /** A key farther away than this from each known one gets no suggestion. */
  private static final int SUGGESTED_DISTANCE_MAX = 12;

  private final Set<String> keys = new TreeSet<>();
  private final Set<String> objects = new TreeSet<>();

  private KnownKeys() {}

  static KnownKeys of(Config reference) {
    KnownKeys known = new KnownKeys();
    known.add("", reference.root());
    return known;
  }

  private void add(String prefix, ConfigObject object) {
    for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
      String key = prefix + entry.getKey();
      if (entry.getValue() instanceof ConfigObject inner) {
        objects.add(key);
        add(key + ".", inner);
      } else {
        keys.add(key);
      }
    }
  }

  /**
   * Passes where every key is known.
   *
   * @throws ConfigError naming the first unknown key, its place, and the closest known one
   */
  void check(Config config) throws ConfigError {
    check("", config.root());
  }

  private void check(String prefix, ConfigObject object) throws ConfigError {
    for (Map.Entry<String, ConfigValue> entry : new TreeMap<>(object).entrySet()) {
      ConfigValue value = entry.getValue();
      String key = prefix + entry.getKey();
      if (value instanceof ConfigObject inner && objects.contains(key)) {
        check(key + ".", inner);
      } else if (key.equals(MEMBERS) && value instanceof List<?> members) {
        checkMembers(members);
      } else if (objects.contains(key)) {
        throw new ConfigError(
            place(value) + ": " + key + " is " + value.unwrapped() + ", expected { ... }");
      } else if (!keys.contains(key)) {
        throw unknown(value, key, closest(key));
      }
    }
  }

  private static void checkMembers(List<?> members) throws ConfigError {
    for (Object member : members) {
      if (member instanceof ConfigObject object) {
        for (Map.Entry<String, ConfigValue> entry : new TreeMap<>(object).entrySet()) {
          if (!MEMBER_KEYS.contains(entry.getKey())) {
            String key = MEMBERS + "[]." + entry.getKey();
            throw unknown(entry.getValue(), key, "name, http or raft");
          }
        }
      }
    }
  }

  private static ConfigError unknown(ConfigValue value, String key, String suggestion) {
    String ask = suggestion.isEmpty() ? "" : "; did you mean " + suggestion + "?";
    return new ConfigError(place(value) + ": unknown key " + key + ask);
  }

  private static String place(ConfigValue value) {
    return value.origin().description();
  }

  private String closest(String key) {
    Set<String> all = new TreeSet<>(keys);
    all.addAll(objects);
    Optional<String> closest = all.stream().min(Comparator.comparingInt(k -> distance(k, key)));
    return closest.filter(k -> distance(k, key) <= SUGGESTED_DISTANCE_MAX).orElse("");
  }

  /** Levenshtein's distance: single characters put in, taken out or changed. */
  private static int distance(String left, String right) {
    int[] previous = new int[right.length() + 1];
    int[] current = new int[right.length() + 1];
    for (int j = 0; j <= right.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= left.length(); i++) {
      current[0] = i;
      for (int j = 1; j <= right.length(); j++) {
        int change = left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1;
        current[j] = Math.min(Math.min(current[j - 1], previous[j]) + 1, previous[j - 1] + change);
      }
      int[] spare = previous;
      previous = current;
      current = spare;
    }
    return previous[right.length()];
  }
}
