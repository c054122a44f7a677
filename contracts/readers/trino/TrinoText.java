import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.trino.filesystem.local.LocalInputFile;
import io.trino.hive.formats.line.Column;
import io.trino.hive.formats.line.LineBuffer;
import io.trino.hive.formats.line.LineDeserializer;
import io.trino.hive.formats.line.LineReader;
import io.trino.hive.formats.line.simple.SimpleDeserializerFactory;
import io.trino.hive.formats.line.text.TextLineReaderFactory;
import io.trino.spi.Page;
import io.trino.spi.PageBuilder;
import io.trino.spi.block.Block;
import io.trino.spi.type.BigintType;
import io.trino.spi.type.BooleanType;
import io.trino.spi.type.DateType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.DoubleType;
import io.trino.spi.type.Int128;
import io.trino.spi.type.IntegerType;
import io.trino.spi.type.RealType;
import io.trino.spi.type.TimestampType;
import io.trino.spi.type.Type;
import io.trino.spi.type.VarcharType;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * Reads text tables as Trino does, one question in JSON a line: {@code {"csv": base64, "types": [Glue type, ...],
 * "parameters": {name: value}}} is answered by {@code {"rows": [[cell, ...], ...]}} or {@code {"error": message}}. The
 * parameters are the table's SerDe's.
 *
 * <p>A cell is null, or what Trino holds: "true" or "false", the digits of an integer, the bits of a real or double as a
 * signed integer, the unscaled digits of a decimal, days or microseconds since 1970, or a text.
 */
public final class TrinoText {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  // Trino's own: its buffers for files, and the least and greatest for lines, in bytes.
  private static final TextLineReaderFactory READERS = new TextLineReaderFactory(8 << 20, 1024, 100 << 20);

  private static final Map<String, Type> TYPES =
      Map.of(
          "boolean", BooleanType.BOOLEAN,
          "int", IntegerType.INTEGER,
          "bigint", BigintType.BIGINT,
          "float", RealType.REAL,
          "double", DoubleType.DOUBLE,
          "date", DateType.DATE,
          "timestamp", TimestampType.TIMESTAMP_MILLIS,
          "string", VarcharType.VARCHAR);

  public static void main(String[] arguments) throws Exception {
    // Trino reads files, and by its name it knows that this one is compressed.
    Path object = Files.createTempFile("sluice-trino-", ".csv.gz");
    object.toFile().deleteOnExit();
    try {
      Lines.answer(line -> answer(object, line));
    } finally {
      Files.delete(object);
    }
  }

  private static String answer(Path object, String line) {
    try {
      JsonNode question = MAPPER.readTree(line);
      try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(object))) {
        out.write(question.get("csv").binaryValue());
      }
      List<Type> types = new ArrayList<>();
      for (JsonNode type : question.get("types")) types.add(typeOf(type.textValue()));
      Map<String, String> parameters = new HashMap<>();
      for (Map.Entry<String, JsonNode> entry : (Iterable<Map.Entry<String, JsonNode>>) question.get("parameters")::fields)
        parameters.put(entry.getKey(), entry.getValue().textValue());
      return MAPPER.writeValueAsString(JSON.objectNode().set("rows", rows(object.toFile(), types, parameters)));
    } catch (IOException | RuntimeException | LinkageError failure) {
      return JSON.objectNode().put("error", failure.toString()).toString();
    }
  }

  private static ArrayNode rows(File object, List<Type> types, Map<String, String> parameters) throws IOException {
    List<Column> columns = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (Type type : types) {
      names.add("c" + columns.size());
      columns.add(new Column(names.get(columns.size()), type, columns.size()));
    }
    // How many columns there are it takes from here.
    parameters.put("columns", String.join(",", names));
    LineDeserializer deserializer = new SimpleDeserializerFactory().create(columns, parameters);
    ArrayNode rows = JSON.arrayNode();
    PageBuilder builder = new PageBuilder(types);
    LineBuffer buffer = READERS.createLineBuffer();
    try (LineReader lines = READERS.createLineReader(new LocalInputFile(object), 0, object.length(), 0, 0)) {
      while (lines.readLine(buffer)) {
        deserializer.deserialize(buffer, builder);
        if (builder.isFull()) drain(builder, types, rows);
      }
    }
    drain(builder, types, rows);
    return rows;
  }

  private static void drain(PageBuilder builder, List<Type> types, ArrayNode rows) {
    Page page = builder.build();
    for (int position = 0; position < page.getPositionCount(); position += 1) {
      ArrayNode cells = rows.addArray();
      for (int column = 0; column < types.size(); column += 1)
        cells.add(cell(types.get(column), page.getBlock(column), position));
    }
    builder.reset();
  }

  private static String cell(Type type, Block block, int position) {
    if (block.isNull(position)) return null;
    if (type == BooleanType.BOOLEAN) return String.valueOf(type.getBoolean(block, position));
    if (type == DoubleType.DOUBLE) return String.valueOf(Double.doubleToRawLongBits(type.getDouble(block, position)));
    if (type == VarcharType.VARCHAR) return type.getSlice(block, position).toStringUtf8();
    if (type instanceof DecimalType && !((DecimalType) type).isShort())
      return ((Int128) type.getObject(block, position)).toBigInteger().toString();
    return String.valueOf(type.getLong(block, position));
  }

  private static Type typeOf(String glueType) {
    Type type = TYPES.get(glueType);
    if (type != null) return type;
    if (!glueType.startsWith("decimal(")) throw new IllegalArgumentException("no such type: " + glueType);
    String[] digits = glueType.substring("decimal(".length(), glueType.length() - 1).split(",");
    return DecimalType.createDecimalType(Integer.parseInt(digits[0].trim()), Integer.parseInt(digits[1].trim()));
  }

  private TrinoText() {}
}
