package org.embedllm.app.gateway.decide;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.util.List;
import java.util.Optional;
import org.embedllm.app.gateway.config.ConversationRule;
import org.embedllm.app.gateway.openai.Turn;

/// Which model answered a conversation last.
///
/// A conversation is known by the session its client names, or by itself: a request whose messages
/// up to one of the assistant's are the messages of an earlier request continues that one.
public final class Conversations {
  private static final int LOOK_BACK = 16;

  private final Cache<Key, String> models;

  /// @param ticker the clock by which conversations are forgotten
  public Conversations(ConversationRule rule, Ticker ticker) {
    this.models =
        Caffeine.newBuilder()
            .maximumSize(rule.sessions())
            .expireAfterAccess(rule.remember())
            .ticker(ticker)
            .build();
  }

  private record Key(String scope, long high, long low) {}

  /// @param scope who asks: conversations of two keys are never one
  /// @param session as the client names it
  /// @param turns the request's messages
  public Optional<String> modelOf(String scope, Optional<String> session, List<Turn> turns) {
    if (session.isPresent()) {
      return Optional.ofNullable(models.getIfPresent(sessionKey(scope, session.get())));
    }
    int oldest = Math.max(0, turns.size() - LOOK_BACK);
    Optional<String> found = Optional.empty();
    var hash = new Hash();
    for (int i = 0; i < turns.size(); i++) {
      if (i > 0 && i >= oldest && turns.get(i).role().equals("assistant")) {
        String model = models.getIfPresent(hash.key(scope));
        found = model == null ? found : Optional.of(model);
      }
      hash.add(turns.get(i));
    }
    return found;
  }

  /// Notes who answered a request.
  public void remember(String scope, Optional<String> session, List<Turn> turns, String model) {
    if (session.isPresent()) {
      models.put(sessionKey(scope, session.get()), model);
      return;
    }
    if (turns.isEmpty()) {
      return;
    }
    var hash = new Hash();
    turns.forEach(hash::add);
    models.put(hash.key(scope), model);
  }

  private static Key sessionKey(String scope, String session) {
    var hash = new Hash();
    hash.add(new Turn("session", session, 0));
    return hash.key(scope);
  }

  /// 128 bits over the messages: two polynomials, mixed at the end.
  private static final class Hash {
    private long high = 0x9E3779B97F4A7C15L;
    private long low = 0xC2B2AE3D27D4EB4FL;

    void add(Turn turn) {
      add(turn.role());
      add(turn.text());
      step(turn.digest());
    }

    private void add(String text) {
      for (int i = 0; i < text.length(); i++) {
        step(text.charAt(i));
      }
      step(-1 - text.length());
    }

    private void step(long value) {
      high = high * 0xD6E8FEB86659FD93L + value;
      low = (low ^ value) * 0x9FB21C651E98DF25L;
    }

    Key key(String scope) {
      return new Key(scope, mix(high), mix(low));
    }

    private static long mix(long z) {
      long x = (z ^ (z >>> 32)) * 0xD6E8FEB86659FD93L;
      return x ^ (x >>> 32);
    }
  }
}
