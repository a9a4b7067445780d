package org.embedllm.spark;

import java.util.Iterator;
import java.util.function.Function;

/// An iterator over what a function makes of each element, when it is asked for.
record MappedIterator<A, B>(Iterator<A> from, Function<A, B> function) implements Iterator<B> {
  @Override
  public boolean hasNext() {
    return from.hasNext();
  }

  @Override
  public B next() {
    return function.apply(from.next());
  }
}
