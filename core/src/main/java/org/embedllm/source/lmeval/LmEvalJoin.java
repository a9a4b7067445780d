package org.embedllm.source.lmeval;

import java.util.HashMap;
import java.util.Map;
import org.embedllm.storage.Sha256;

/// Decides which samples of different runs are one question: those with one (task, doc_hash); where
/// a run has no hashes, those with one (task, doc_id, text).
final class LmEvalJoin {
  private final Map<String, String> idByHash = new HashMap<>();
  private final Map<String, String> idByDocument = new HashMap<>();
  private final Map<String, String> hashById = new HashMap<>();

  /// The id of a sample's question.
  ///
  /// @param hash the sample's `doc_hash`, or empty
  String id(String task, String hash, String docId, String text) {
    String document = task + '\0' + docId + '\0' + sha256(text);
    String byDocument = idByDocument.get(document);
    if (hash.isEmpty()) {
      return byDocument == null ? added(document, task, docId, text) : byDocument;
    }
    String byHash = idByHash.get(task + '\0' + hash);
    if (byHash != null) {
      return byHash;
    }
    // A run without hashes may have had the question before; another hash is another question.
    boolean adopts = byDocument != null && !hashById.containsKey(byDocument);
    String id = adopts && byDocument != null ? byDocument : task + ":" + hash;
    idByHash.put(task + '\0' + hash, id);
    hashById.put(id, hash);
    idByDocument.putIfAbsent(document, id);
    return id;
  }

  private String added(String document, String task, String docId, String text) {
    String id = task + ":" + docId + ":" + sha256(text).substring(0, 16);
    idByDocument.put(document, id);
    return id;
  }

  private static String sha256(String text) {
    return Sha256.of(text);
  }
}
