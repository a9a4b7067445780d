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

/// The atlas of a model file, whichever lies there: made when it is first needed, and made anew
/// when the file, or what else it was made from, has changed. Requests under way end with the atlas
/// they began with. Where the new one cannot be made, the old one stays.
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

  /// Makes the atlas of what lies there now.
  @FunctionalInterface
  interface Maker {
    Atlas make() throws IOException;
  }

  /// @param model the model file
  /// @param circumstances what else it is made from, compared by `equals`
  Atlases(Path model, Supplier<?> circumstances, Maker maker) {
    this(model, circumstances, maker, System::nanoTime);
  }

  /// @param nanos the time, of which differences alone count
  Atlases(Path model, Supplier<?> circumstances, Maker maker, LongSupplier nanos) {
    this.model = model;
    this.circumstances = circumstances;
    this.maker = maker;
    this.nanos = nanos;
    this.looked = nanos.getAsLong();
    this.watch = new FileWatch(model);
  }

  /// Works with the atlas of the moment, which stays open until the work is done.
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

  /// Makes the first atlas now, rather than when it is first needed.
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

  /// Looks at most once a second; one thread renews while the others go on with what is there.
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
