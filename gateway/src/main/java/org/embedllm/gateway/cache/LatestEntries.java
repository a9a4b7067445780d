package org.embedllm.gateway.cache;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;

/// What was put or found last, within a weight. A new entry is always kept: the entries that nobody
/// used for the longest time are removed. (A cache that prefers what is asked for often, as
/// Caffeine's does, refuses most new entries once it is full.) Safe for several threads.
public final class LatestEntries<K, V> {
  private final long mostWeight;
  private final ToLongFunction<V> weigher;
  private final long ttlNanos;
  private final Ticker ticker;
  private final Map<K, Entry<V>> entries = new LinkedHashMap<>(16, 0.75f, true); // by last use
  private long weight;

  private static final class Entry<V> {
    final V value;
    final long weight;
    long used;

    Entry(V value, long weight, long used) {
      this.value = value;
      this.weight = weight;
      this.used = used;
    }
  }

  /// @param mostWeight of all entries; one that is heavier alone is not kept
  /// @param weigher the weight of a value, 1 or more
  /// @param ttl an entry that nobody used for so long is gone
  /// @param ticker the time in nanoseconds
  public LatestEntries(long mostWeight, ToLongFunction<V> weigher, Duration ttl, Ticker ticker) {
    this.mostWeight = mostWeight;
    this.weigher = weigher;
    this.ttlNanos = ttl.toNanos();
    this.ticker = ticker;
  }

  public void put(K key, V value) {
    long own = weigher.applyAsLong(value);
    long now = ticker.read();
    synchronized (entries) {
      drop(key);
      if (own <= mostWeight) {
        entries.put(key, new Entry<>(value, own, now));
        weight += own;
      }
      Iterator<Entry<V>> oldest = entries.values().iterator();
      while (oldest.hasNext()) {
        Entry<V> entry = oldest.next();
        if (weight <= mostWeight && now - entry.used < ttlNanos) {
          return;
        }
        weight -= entry.weight;
        oldest.remove();
      }
    }
  }

  public Optional<V> find(K key) {
    long now = ticker.read();
    synchronized (entries) {
      Entry<V> entry = entries.get(key);
      if (entry == null) {
        return Optional.empty();
      }
      if (now - entry.used >= ttlNanos) {
        drop(key);
        return Optional.empty();
      }
      entry.used = now;
      return Optional.of(entry.value);
    }
  }

  /// Takes it out: of several threads one gets it.
  public Optional<V> remove(K key) {
    synchronized (entries) {
      return find(key)
          .map(value -> {
            drop(key);
            return value;
          });
    }
  }

  private void drop(K key) {
    Entry<V> gone = entries.remove(key);
    weight -= gone == null ? 0 : gone.weight;
  }
}
