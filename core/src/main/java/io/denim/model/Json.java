package io.denim.model;

import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.InvalidTextException;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.function.Function;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.deser.std.FromStringDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.ToStringSerializer;
import tools.jackson.databind.type.LogicalType;

/**
 * Builds Jackson's mappers, so that all of Denim reads and writes JSON by the same rules.
 *
 * <p>Strict JSON: no comments, no single quotes, nothing after the document, no number in a text
 * and no text in a number. Properties are written in the order in which they are declared (Jackson
 * 3 would sort them by name), without blanks. Unknown properties are ignored, so that an older
 * Denim reads what a newer one wrote.
 */
public final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .withCoercionConfig(
              LogicalType.Textual,
              texts ->
                  texts
                      .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
          .addModule(addresses())
          .build();

  private Json() {}

  /** Addresses are texts. */
  private static SimpleModule addresses() {
    SimpleModule module = new SimpleModule("addresses");
    text(module, IpAddress.class, IpAddress::parse);
    text(module, InterfaceAddress.class, InterfaceAddress::parse);
    text(module, Cidr.class, Cidr::parse);
    text(module, MacAddress.class, MacAddress::parse);
    return module;
  }

  private static <T> void text(SimpleModule module, Class<T> type, Function<String, T> parse) {
    module.addSerializer(type, ToStringSerializer.instance);
    module.addDeserializer(
        type,
        new FromStringDeserializer<T>(type) {
          @Override
          protected T _deserialize(String value, DeserializationContext context) {
            try {
              return parse.apply(value);
            } catch (InvalidTextException e) {
              throw context.weirdStringException(value, type, String.valueOf(e.getMessage()));
            }
          }
        });
  }

  /** The mapper; immutable and safe for all threads. */
  public static JsonMapper mapper() {
    return MAPPER;
  }

  /**
   * The text as a JSON string, quotes included, as Go's encoding/json writes it: of the characters
   * beyond what JSON demands, {@code <}, {@code >}, {@code &} and the line separators U+2028 and
   * U+2029 are escaped too.
   */
  public static String quoteLikeGo(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < ' ' || c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029') {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append('"').toString();
  }
}
