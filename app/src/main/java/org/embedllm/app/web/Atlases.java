package org.embedllm.app.web;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.FileWatch;
import org.embedllm.storage.RefCounted;

/// The page's model of the current model file: made on first use, and made again when the file or
/// another input has changed. Running requests end with the one they began with. Where the new one
/// cannot be made, the old one stays.
public final class Atlases implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Atlases.class.getName());
  private static final long BETWEEN_LOOKS = Duration.ofSeconds(1).toNanos();

  private final Path model;
  private final Supplier<?> circumstances;
  private final Maker maker;
  private final LongSupplier nanos;
  private final FileWatch watch;
  private final AtomicReference<Optional<RefCounted<Atlas>>> current =
      new AtomicReference<>(Optional.empty());
  private final AtomicBoolean renewing = new AtomicBoolean();
  private Object madeFrom = "";
  private volatile long looked;

  /// Makes it from the current files.
  @FunctionalInterface
  interface Maker {
    Atlas make() throws IOException;
  }

  /// @param model the model file
  /// @param circumstances its other inputs, compared by `equals`
  Atlases(Path model, Supplier<?> circumstances, Maker maker) {
    this(model, circumstances, maker, System::nanoTime);
  }

  /// @param nanos monotonic nanoseconds
  Atlases(Path model, Supplier<?> circumstances, Maker maker, LongSupplier nanos) {
    this.model = model;
    this.circumstances = circumstances;
    this.maker = maker;
    this.nanos = nanos;
    this.looked = nanos.getAsLong();
    this.watch = new FileWatch(model);
  }

  /// Runs some work with the current one, which stays open until the work is done.
  ///
  /// @throws BadInputException where there is none, and none can be made
  <T> T with(Function<Atlas, T> work) {
    renewWhereChanged();
    RefCounted<Atlas> shared = held();
    try {
      return work.apply(shared.value());
    } finally {
      shared.release();
    }
  }

  /// Makes the first one now, instead of on first use.
  void open() {
    held().release();
  }

  private RefCounted<Atlas> held() {
    while (true) {
      RefCounted<Atlas> shared = current.get().orElseGet(this::first);
      if (shared.hold()) {
        return shared;
      }
    }
  }

  private synchronized RefCounted<Atlas> first() {
    Optional<RefCounted<Atlas>> there = current.get();
    return there.orElseGet(this::made);
  }

  private synchronized RefCounted<Atlas> made() {
    try {
      Object from = circumstances.get();
      Atlas atlas = maker.make();
      madeFrom = from;
      RefCounted<Atlas> shared = new RefCounted<>(atlas, atlas::close);
      current.getAndSet(Optional.of(shared)).ifPresent(RefCounted::release);
      return shared;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Checks at most once a second; one thread renews while the others use the old one.
  private void renewWhereChanged() {
    if (current.get().isEmpty()
        || nanos.getAsLong() - looked < BETWEEN_LOOKS
        || !renewing.compareAndSet(false, true)) {
      return;
    }
    try {
      looked = nanos.getAsLong();
      boolean anotherFile = watch.changed();
      if (anotherFile || !madeFrom.equals(circumstances.get())) {
        made();
        LOG.log(Logger.Level.INFO, "the page shows the new " + model);
      }
    } catch (BadInputException | UncheckedIOException e) {
      LOG.log(Logger.Level.ERROR, "the page shows what was there: " + e.getMessage());
    } finally {
      renewing.set(false);
    }
  }

  @Override
  public void close() {
    current.getAndSet(Optional.empty()).ifPresent(RefCounted::release);
  }
}
