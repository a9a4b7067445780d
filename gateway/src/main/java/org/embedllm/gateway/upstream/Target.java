package org.embedllm.gateway.upstream;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.message.BasicHeader;
import org.embedllm.gateway.config.Secret;
import org.embedllm.gateway.config.UpstreamConfig;
import org.embedllm.gateway.openai.Api;

/// Where an upstream is and which headers it always gets, worked out once. Safe for several
/// threads.
final class Target {
  private final HttpHost host;
  private final String url;
  private final String query;
  private final Duration connect;
  private final List<Header> headers;
  private final Map<String, URI> uris = new ConcurrentHashMap<>();

  /// @param host scheme, name and port
  /// @param url base URL, without a trailing slash and without its query
  /// @param query to be added to each path, with its question mark; empty for none
  /// @param connect time to connect
  /// @param headers of every request; names are unique
  Target(HttpHost host, String url, String query, Duration connect, List<Header> headers) {
    this.host = host;
    this.url = url;
    this.query = query;
    this.connect = connect;
    this.headers = List.copyOf(headers);
  }

  static Target of(UpstreamConfig config) {
    Map<String, String> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    boolean messages = config.api() == Api.MESSAGES;
    if (messages) {
      values.put("anthropic-version", "2023-06-01");
    }
    config
        .key()
        .map(Secret::value)
        .ifPresent(key ->
            values.put(messages ? "x-api-key" : "authorization", messages ? key : "Bearer " + key));
    values.putAll(config.headers());
    var headers = new ArrayList<Header>();
    values.forEach((name, value) -> headers.add(new BasicHeader(name, value)));
    String url = config.url().toString();
    int mark = url.indexOf('?');
    return new Target(
        HttpHost.create(config.url()),
        mark < 0 ? url : url.substring(0, mark).replaceAll("/+$", ""),
        mark < 0 ? "" : url.substring(mark),
        config.timeouts().connect(),
        headers);
  }

  /// Scheme, name and port.
  HttpHost host() {
    return host;
  }

  /// Time to connect.
  Duration connect() {
    return connect;
  }

  /// Headers of every request.
  List<Header> headers() {
    return headers;
  }

  /// A path below the base URL, one of the few that the gateway knows.
  URI uri(String path) {
    return uris.computeIfAbsent(path, p -> URI.create(url + p + query));
  }
}
