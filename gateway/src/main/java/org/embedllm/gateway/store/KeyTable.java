package org.embedllm.gateway.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.embedllm.gateway.access.KeyRights;
import org.embedllm.gateway.access.StoredKey;
import org.embedllm.gateway.config.KeyConfig;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.store.DecisionStore.StoreUnavailable;
import org.embedllm.storage.BadInputException;

/// Keys in the store, by their names. Only their hashes are there.
public final class KeyTable {
  private final Database database;

  KeyTable(Database database) {
    this.database = database;
  }

  /// Something done with a connection.
  private interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  private <T> T with(Work<T> work) throws StoreUnavailable {
    try (Connection connection = database.connection()) {
      return work.on(connection);
    } catch (SQLException e) {
      throw new StoreUnavailable();
    }
  }

  /// All keys, also those that have ended, by name.
  public List<StoredKey> all() throws StoreUnavailable {
    return with(connection -> {
      try (PreparedStatement statement =
              connection.prepareStatement("SELECT * FROM access_keys ORDER BY name");
          ResultSet rows = statement.executeQuery()) {
        var keys = new ArrayList<StoredKey>();
        while (rows.next()) {
          keys.add(read(rows));
        }
        return keys;
      }
    });
  }

  private static StoredKey read(ResultSet r) throws SQLException {
    KeyConfig rights =
        KeyRights.read(ChatJson.mapper().readTree(r.getString("rights")), r.getString("sha256"))
            .with(r.getString("sha256"), time(r, "expires_millis"));
    Optional<Instant> until = time(r, "previous_until_millis");
    Optional<String> hash = Optional.ofNullable(r.getString("previous_sha256"));
    return new StoredKey(
        rights,
        Instant.ofEpochMilli(r.getLong("created_millis")),
        time(r, "revoked_millis"),
        until.isPresent() && hash.isPresent()
            ? Optional.of(new StoredKey.Previous(hash.get(), until.get()))
            : Optional.empty());
  }

  private static Optional<Instant> time(ResultSet r, String column) throws SQLException {
    long millis = r.getLong(column);
    return r.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
  }

  /// Keeps a new key. The name of a revoked one may be used again.
  ///
  /// @throws BadInputException where the name is taken
  public void create(KeyConfig key, Instant now) throws StoreUnavailable {
    int done =
        with(connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "INSERT INTO access_keys (name, sha256, created_millis, expires_millis, rights)"
                      + " VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
                      + " sha256 = excluded.sha256, created_millis = excluded.created_millis,"
                      + " expires_millis = excluded.expires_millis, revoked_millis = NULL,"
                      + " previous_sha256 = NULL, previous_until_millis = NULL,"
                      + " rights = excluded.rights"
                      + " WHERE access_keys.revoked_millis IS NOT NULL")) {
            statement.setString(1, key.name());
            statement.setString(2, key.sha256());
            statement.setLong(3, now.toEpochMilli());
            if (key.validUntil().isPresent()) {
              statement.setLong(4, key.validUntil().get().toEpochMilli());
            } else {
              statement.setNull(4, Types.BIGINT);
            }
            statement.setString(
                5, KeyRights.write(key.with(key.sha256(), Optional.empty())).toString());
            return statement.executeUpdate();
          }
        });
    if (done == 0) {
      throw BadInputException.of(
          "there is a key \"%s\" already; rotate it, or choose another name".formatted(key.name()));
    }
  }

  /// Sets a key's end.
  ///
  /// @throws BadInputException where there is no such key
  public void expire(String name, Instant end) throws StoreUnavailable {
    change(name, "UPDATE access_keys SET expires_millis = ? WHERE name = ?", end.toEpochMilli());
  }

  /// Takes a key away at once.
  ///
  /// @throws BadInputException where there is no such key
  public void revoke(String name, Instant now) throws StoreUnavailable {
    change(
        name,
        "UPDATE access_keys SET revoked_millis = COALESCE(revoked_millis, ?) WHERE name = ?",
        now.toEpochMilli());
  }

  private void change(String name, String sql, long millis) throws StoreUnavailable {
    int done =
        with(connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, millis);
            statement.setString(2, name);
            return statement.executeUpdate();
          }
        });
    requireFound(name, done);
  }

  /// Gives a key another secret; the earlier one still works for a while.
  ///
  /// @param until when the earlier one ends
  /// @throws BadInputException where there is no such key, or it is revoked
  public void rotate(String name, String sha256, Instant until) throws StoreUnavailable {
    int done =
        with(connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "UPDATE access_keys SET previous_sha256 = sha256, previous_until_millis = ?,"
                      + " sha256 = ? WHERE name = ? AND revoked_millis IS NULL")) {
            statement.setLong(1, until.toEpochMilli());
            statement.setString(2, sha256);
            statement.setString(3, name);
            return statement.executeUpdate();
          }
        });
    requireFound(name, done);
  }

  private static void requireFound(String name, int rows) {
    if (rows == 0) {
      throw BadInputException.of(
          "the store has no key \"%s\" that could be changed".formatted(name));
    }
  }
}
