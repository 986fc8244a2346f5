package io.denim.store.kubernetes;

import io.denim.model.Json;
import io.denim.store.Entry;
import io.denim.store.Key;
import io.denim.store.Lifetime;
import io.denim.store.Revision;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a ConfigMap says of an entry.
 *
 * @param object the ConfigMap's name
 * @param name the key's name, from an annotation, since the object's may be a hash
 * @param value the text
 * @param resourceVersion the version
 * @param end when the entry ceases to be; empty when it stays
 */
record Stored(
    String object, String name, String value, String resourceVersion, Optional<Instant> end)
    implements ObjectReader.Versioned {
  /** The label that names the collection. */
  static final String COLLECTION = "denim.io/collection";

  private static final String NAME = "denim.io/name";

  /** When the entry ceases to be, as ISO 8601. */
  private static final String EXPIRES = "denim.io/expires";

  /** The version that was replaced. It makes each write differ, else nothing would be written. */
  private static final String REPLACES = "denim.io/replaces";

  private static final String VALUE = "value";

  /** Reads a ConfigMap. */
  static Stored read(JsonParser parser) {
    Reading reading = new Reading();
    JsonFields.each(parser, reading::top);
    return new Stored(
        reading.object, reading.name, reading.value, reading.resourceVersion, reading.end);
  }

  private static final class Reading {
    private String object = "";
    private String name = "";
    private String value = "";
    private String resourceVersion = "";
    private Optional<Instant> end = Optional.empty();

    private boolean top(String field, JsonParser parser) {
      switch (field) {
        case "metadata" -> JsonFields.each(parser, this::metadata);
        case "data" -> JsonFields.each(parser, this::data);
        default -> {
          return false;
        }
      }
      return true;
    }

    private boolean metadata(String field, JsonParser parser) {
      switch (field) {
        case "name" -> object = JsonFields.text(parser);
        case "resourceVersion" -> resourceVersion = JsonFields.text(parser);
        case "annotations" -> JsonFields.each(parser, this::annotation);
        default -> {
          return false;
        }
      }
      return true;
    }

    private boolean annotation(String field, JsonParser parser) {
      switch (field) {
        case NAME -> name = JsonFields.text(parser);
        case EXPIRES -> end = instant(JsonFields.text(parser));
        default -> {
          return false;
        }
      }
      return true;
    }

    private boolean data(String field, JsonParser parser) {
      if (!field.equals(VALUE)) {
        return false;
      }
      value = JsonFields.text(parser);
      return true;
    }

    /** An end that cannot be read is none: what nobody understands is not thrown away. */
    private static Optional<Instant> instant(String text) {
      try {
        return Optional.of(Instant.parse(text));
      } catch (DateTimeParseException e) {
        return Optional.empty();
      }
    }
  }

  /** The ConfigMap that says this. */
  static String write(Key key, String value, Lifetime lifetime, Instant now, String replaces) {
    ObjectNode root = Json.mapper().createObjectNode();
    root.put("apiVersion", "v1").put("kind", "ConfigMap");
    ObjectNode metadata = root.putObject("metadata");
    metadata.put("name", ConfigMapNames.name(key));
    if (!replaces.isEmpty()) {
      metadata.put("resourceVersion", replaces);
    }
    metadata.putObject("labels").put(COLLECTION, ConfigMapNames.label(key.collection()));
    ObjectNode annotations = metadata.putObject("annotations").put(NAME, key.name());
    if (!replaces.isEmpty()) {
      annotations.put(REPLACES, replaces);
    }
    switch (lifetime) {
      case Lifetime.Permanent _ -> {
        // No end.
      }
      case Lifetime.Ttl(Duration duration) ->
          annotations.put(EXPIRES, now.truncatedTo(ChronoUnit.MILLIS).plus(duration).toString());
    }
    root.putObject("data").put(VALUE, value);
    return Json.mapper().writeValueAsString(root);
  }

  /** Whether it was written for a key of this collection, and not copied or edited by a person. */
  boolean belongsTo(String collection) {
    return !name.isEmpty()
        && !(collection.isEmpty() && name.indexOf('/') >= 0)
        && object.equals(ConfigMapNames.name(new Key(collection, name)));
  }

  boolean expired(Instant now) {
    return end.filter(at -> !at.isAfter(now)).isPresent();
  }

  Entry entry(Key key, InstantSource clock) {
    return new Entry(
        key,
        value,
        new Revision(resourceVersion),
        end.map(at -> Duration.between(clock.instant(), at)));
  }
}
