package org.embedllm.correctness;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// What is known of a question, at the time it is asked, beside its words and its benchmark: a
/// value by name. A name without a value is not known. Immutable, in the order of the names.
public final class Attributes {
  /// Nothing is known.
  public static final Attributes NONE = new Attributes(Map.of());

  private final Map<String, AttributeValue> byName;

  private Attributes(Map<String, AttributeValue> byName) {
    this.byName = byName;
  }

  /// Attributes of some names.
  public static Attributes of(Map<String, AttributeValue> byName) {
    return byName.isEmpty()
        ? NONE
        : new Attributes(Collections.unmodifiableMap(new TreeMap<>(byName)));
  }

  /// The value of an attribute, where it is known.
  public Optional<AttributeValue> get(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /// Names of the known attributes, sorted.
  public Set<String> names() {
    return byName.keySet();
  }

  public boolean isEmpty() {
    return byName.isEmpty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Attributes attributes && byName.equals(attributes.byName);
  }

  @Override
  public int hashCode() {
    return byName.hashCode();
  }

  @Override
  public String toString() {
    return byName.toString();
  }
}
