package org.embedllm.gateway.upstream;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.message.BasicHeader;
import org.embedllm.gateway.config.Secret;
import org.embedllm.gateway.config.UpstreamConfig;
import org.embedllm.gateway.openai.Api;

/// Where an upstream is and which headers it always gets, worked out once.
///
/// @param host scheme, name and port
/// @param url base URL, without a trailing slash and without its query
/// @param query to be added to each path, with its question mark; empty for none
/// @param connect time to connect
/// @param headers of every request; names are unique
record Target(HttpHost host, String url, String query, Duration connect, List<Header> headers) {
  Target {
    headers = List.copyOf(headers);
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

  /// A path below the base URL.
  URI uri(String path) {
    return URI.create(url + path + query);
  }
}
