package org.embedllm.gateway.upstream;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.ClientProtocol;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.gateway.openai.UpstreamProtocol;
import tools.jackson.databind.node.ObjectNode;

/// A request as it goes to upstreams.
///
/// @param path below the base URL, for upstreams that are asked in chat completions
/// @param body what the client sent, in chat completions
/// @param original what the client sent, where that is of another API
/// @param headers to add, such as the trace's
/// @param chosen whether the gateway chose the model, and may leave parameters out for it
public record Call(
    String path,
    RequestBody body,
    Optional<ClientProtocol.Original> original,
    Map<String, String> headers,
    boolean chosen) {
  public Call {
    headers = Map.copyOf(headers);
  }

  /// A call in one of its forms.
  static final class Form {
    private final String path;
    private final byte[] body;
    private final Optional<UpstreamProtocol> protocol;
    private final boolean unchanged;

    Form(String path, byte[] body, Optional<UpstreamProtocol> protocol, boolean unchanged) {
      this.path = path;
      this.body = body;
      this.protocol = protocol;
      this.unchanged = unchanged;
    }

    String path() {
      return path;
    }

    /// Not to be changed.
    byte[] body() {
      return body;
    }

    /// With which answers are read as chat completions; empty where they are.
    Optional<UpstreamProtocol> protocol() {
      return protocol;
    }

    /// Whether answers go to the client as they come.
    boolean unchanged() {
      return unchanged;
    }

    /// The same, with answers read as chat completions.
    Form translated() {
      return new Form(path, body, protocol, false);
    }

    /// The same, with answers that are chat completions.
    Form asChat() {
      return new Form(path, body, Optional.empty(), false);
    }
  }

  /// The form in which an upstream is asked.
  Form formFor(Upstream upstream) {
    Set<String> without = upstream.unsupportedParameters(body);
    if (!chosen && !upstream.config().unsupported().drop()) {
      without.removeIf(parameter -> !body.isHint(parameter));
    }
    String name = upstream.config().name();
    Optional<UpstreamProtocol> protocol = Protocols.of(upstream.config().api());
    if (protocol.isEmpty()) {
      byte[] bytes = body.forUpstream(name, upstream.config().streamUsage(), without);
      return new Form(path, bytes, protocol, false);
    }
    Optional<ClientProtocol.Original> same =
        original.filter(o -> o.api() == upstream.config().api());
    ObjectNode request;
    if (same.isPresent()) {
      request = same.get().body().deepCopy();
      request.put("model", name);
      request.remove(without);
      RequestBody.removeOwn(request);
    } else {
      var chat = (ObjectNode) ChatJson.mapper().readTree(body.forUpstream(name, false, without));
      request = protocol.get().request(chat);
    }
    return new Form(protocol.get().path(), ChatJson.bytes(request), protocol, same.isPresent());
  }
}
