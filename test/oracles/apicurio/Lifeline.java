/** Runs Apicurio Registry until the input ends: so it ends with the process that started it, however that ends. */
final class Lifeline {
  public static void main(String[] args) throws Exception {
    Thread watcher = new Thread(Lifeline::endWithInput, "lifeline");
    watcher.setDaemon(true);
    watcher.start();
    Class.forName("io.quarkus.runner.GeneratedMain")
        .getMethod("main", String[].class)
        .invoke(null, (Object) args);
  }

  private static void endWithInput() {
    try {
      while (System.in.read() >= 0) {}
    } catch (java.io.IOException ended) {
      // As good as its end.
    }
    // What it has is in memory: there is nothing to put in order.
    Runtime.getRuntime().halt(0);
  }

  private Lifeline() {}
}
