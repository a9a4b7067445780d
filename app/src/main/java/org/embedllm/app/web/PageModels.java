package org.embedllm.app.web;

import java.io.IOException;
import java.io.UncheckedIOException;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The page of a model file, whichever is there: made when it is first needed, and made again when
/// the file, or what else it was made from, has changed. Requests under way end with the page they
/// began with. Where the new one cannot be made, the old one stays.
public final class PageModels implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PageModels.class);
  private static final long BETWEEN_LOOKS = Duration.ofSeconds(1).toNanos();

  private final Path model;
  private final Supplier<?> circumstances;
  private final Maker maker;
  private final LongSupplier nanos;
  private final FileWatch watch;
  private final AtomicReference<Optional<RefCounted<PageModel>>> current =
      new AtomicReference<>(Optional.empty());
  private final AtomicBoolean renewing = new AtomicBoolean();
  private Object madeFrom = "";
  private volatile long looked;

  /// Makes it from the current files.
  @FunctionalInterface
  interface Maker {
    PageModel make() throws IOException;
  }

  /// @param model the model file
  /// @param circumstances its other inputs, compared by `equals`
  PageModels(Path model, Supplier<?> circumstances, Maker maker) {
    this(model, circumstances, maker, System::nanoTime);
  }

  /// @param nanos monotonic nanoseconds
  PageModels(Path model, Supplier<?> circumstances, Maker maker, LongSupplier nanos) {
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
  <T> T with(Function<PageModel, T> work) {
    renewWhereChanged();
    RefCounted<PageModel> shared = held();
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

  private RefCounted<PageModel> held() {
    while (true) {
      RefCounted<PageModel> shared = current.get().orElseGet(this::first);
      if (shared.hold()) {
        return shared;
      }
    }
  }

  private synchronized RefCounted<PageModel> first() {
    Optional<RefCounted<PageModel>> there = current.get();
    return there.orElseGet(this::made);
  }

  private synchronized RefCounted<PageModel> made() {
    try {
      Object from = circumstances.get();
      PageModel page = maker.make();
      madeFrom = from;
      RefCounted<PageModel> shared = new RefCounted<>(page, page::close);
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
        LOG.info("the page shows the new {}", model);
      }
    } catch (BadInputException | UncheckedIOException e) {
      LOG.error("the page shows what was there: {}", e.getMessage());
    } finally {
      renewing.set(false);
    }
  }

  @Override
  public void close() {
    current.getAndSet(Optional.empty()).ifPresent(RefCounted::release);
  }
}
