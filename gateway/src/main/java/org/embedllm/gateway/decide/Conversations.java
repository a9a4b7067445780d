package org.embedllm.gateway.decide;

import com.github.benmanes.caffeine.cache.Ticker;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import org.embedllm.gateway.cache.LatestEntries;
import org.embedllm.gateway.config.ConversationRule;
import org.embedllm.gateway.openai.Turn;
import org.embedllm.storage.Sha256;

/// Which model answered a conversation last.
///
/// A conversation is known by the session its client names, or by itself: a request whose messages
/// up to one of the assistant's are the messages of an earlier request continues that one.
public final class Conversations {
  private static final int LOOK_BACK = 16;

  private final LatestEntries<Key, String> models;

  /// @param ticker the clock by which conversations are forgotten
  public Conversations(ConversationRule rule, Ticker ticker) {
    this.models = new LatestEntries<>(rule.maxSessions(), model -> 1, rule.ttl(), ticker);
  }

  private record Key(String scope, long high, long low) {}

  /// @param scope of the client: conversations of two keys are never one
  /// @param session as the client names it
  /// @param turns the request's messages
  public Optional<String> modelOf(String scope, Optional<String> session, List<Turn> turns) {
    if (session.isPresent()) {
      return models.find(sessionKey(scope, session.get()));
    }
    int oldest = Math.max(0, turns.size() - LOOK_BACK);
    Optional<String> found = Optional.empty();
    var hash = new Hash();
    for (int i = 0; i < turns.size(); i++) {
      if (i > 0 && i >= oldest && turns.get(i).role().equals("assistant")) {
        Optional<String> earlier = found;
        found = models.find(hash.key(scope)).or(() -> earlier);
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

  /// SHA-256 over the messages so far.
  private static final class Hash {
    private final MessageDigest digest = Sha256.newDigest();

    void add(Turn turn) {
      add(turn.role());
      add(turn.text());
      digest.update(ByteBuffer.allocate(4).putInt(turn.digest()).flip());
    }

    /// The length first, so that no two sequences of texts are the same bytes.
    private void add(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      digest.update(ByteBuffer.allocate(4).putInt(bytes.length).flip());
      digest.update(bytes);
    }

    Key key(String scope) {
      try {
        ByteBuffer hash = ByteBuffer.wrap(((MessageDigest) digest.clone()).digest());
        return new Key(scope, hash.getLong(), hash.getLong());
      } catch (CloneNotSupportedException e) {
        throw new IllegalStateException("the platform's SHA-256 can be cloned", e);
      }
    }
  }
}
