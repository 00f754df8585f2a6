// The floor of writing: the least time in which the blocks of a file can be written. All cores compress plain blocks
// that are in memory, and write each to a new file as soon as it is ready. Nothing is encoded, and the order is free.
//
//   jetliner_write_floor [--threads N] --codec CODEC SOURCE TARGET
//
// Prints one line of JSON: seconds, cpu_seconds, bytes (plain), rows, peak_kib, base_kib, n_threads.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/byte_buffer.h"
#include "codec/codec.h"
#include "codec/compressor.h"
#include "container/block_framer.h"
#include "container/header.h"
#include "container/write_header.h"
#include "encode/put.h"
#include "jetliner/error.h"
#include "jetliner/sink.h"
#include "jetliner/source.h"
#include "measures.h"
#include "pipeline/cores.h"

namespace jetliner {
namespace {

struct PlainBlock {
  ByteBuffer bytes;
  int64_t rows = 0;
};

struct PlainFile {
  Header header;
  std::vector<PlainBlock> blocks;
};

PlainFile load(const std::string& path) {
  constexpr size_t kHeaderChunkBytes = 64 << 10;
  const std::unique_ptr<Source> source = open_file(path);
  PlainFile file{.header = read_header(*source, kHeaderChunkBytes), .blocks = {}};
  const std::unique_ptr<Codec> codec = make_codec(file.header.codec);
  BlockFramer framer(*source, file.header, FramerOptions{});
  Scratch scratch;
  for (Unit unit; framer.next(unit);) {
    for (const BlockRef& block : unit.blocks) {
      const ByteSpan packed(unit.bytes.data() + block.data_begin, block.data_bytes);
      const CodecResult plain = codec->decompress(packed, scratch, SIZE_MAX);
      if (plain.status != CodecStatus::kOk)
        throw Error(ErrorKind::kCodec, ErrorVariant::kDecompressionError, plain.message);
      file.blocks.emplace_back().bytes.append(plain.bytes);
      file.blocks.back().rows = block.row_count;
    }
  }
  return file;
}

class BlockFile {
 public:
  BlockFile(const PlainFile& plain, std::string codec, const std::string& target)
      : plain_(plain), codec_(std::move(codec)), sink_(create_file(target)) {
    ByteBuffer header;
    append_header(plain.header.schema_json, codec_, {}, plain.header.sync, header);
    sink_->write(header.bytes());
  }

  // Compresses and writes blocks until all are done. Several threads call it.
  void work() {
    const std::unique_ptr<Compressor> compressor = make_compressor(codec_, std::nullopt);
    ByteBuffer block;
    for (size_t i = 0; (i = next_.fetch_add(1)) < plain_.blocks.size();) {
      const ByteSpan plain = plain_.blocks[i].bytes.bytes();
      const auto write = [&](ByteSpan data) {
        uint8_t head[2 * kMostScalarBytes];
        uint8_t* p = put_long(head, plain_.blocks[i].rows);
        p = put_long(p, static_cast<int64_t>(data.size()));
        const std::lock_guard lock(mutex_);
        sink_->write({head, p});
        sink_->write(data);
        sink_->write(plain_.header.sync);
      };
      if (codec_ == "null") {
        write(plain);
        continue;
      }
      block.clear();
      compressor->compress(plain, block);
      write(block.bytes());
    }
  }

  void finish() { sink_->finish(); }

 private:
  const PlainFile& plain_;
  const std::string codec_;
  std::atomic<size_t> next_ = 0;
  std::mutex mutex_;
  std::unique_ptr<Sink> sink_;
};

void measure(const std::string& source, const std::string& target, const std::string& codec, size_t n_threads) {
  const PlainFile plain = load(source);
  const uint64_t base_kib = peak_kib();
  const double cpu_before = cpu_seconds();
  const auto started = std::chrono::steady_clock::now();
  BlockFile file(plain, codec, target);
  {
    std::vector<std::jthread> threads;
    for (size_t i = 1; i < n_threads; ++i) threads.emplace_back([&] { file.work(); });
    file.work();
  }
  file.finish();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
  const double cpu = cpu_seconds() - cpu_before;
  uint64_t bytes = 0;
  uint64_t rows = 0;
  for (const PlainBlock& block : plain.blocks) {
    bytes += block.bytes.size();
    rows += static_cast<uint64_t>(block.rows);
  }
  std::printf(R"({"seconds": %.9f, "cpu_seconds": %.6f, "bytes": %llu, "rows": %llu, )"
              R"("peak_kib": %llu, "base_kib": %llu, "n_threads": %zu})"
              "\n",
              seconds.count(), cpu, static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(rows),
              static_cast<unsigned long long>(peak_kib()), static_cast<unsigned long long>(base_kib), n_threads);
}

}  // namespace
}  // namespace jetliner

int main(int argc, char** argv) {
  std::vector<std::string> paths;
  std::string codec;
  size_t n_threads = jetliner::usable_cores();
  bool is_valid = true;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
    if (argument == "--threads") {
      is_valid = is_valid && jetliner::parse_count(value, n_threads) && n_threads > 0;
      ++i;
    } else if (argument == "--codec") {
      codec = value;
      ++i;
    } else {
      paths.emplace_back(argument);
    }
  }
  if (!is_valid || paths.size() != 2 || !jetliner::is_known_codec(codec)) {
    std::fprintf(stderr, "usage: %s [--threads N] --codec CODEC SOURCE TARGET\n", argv[0]);
    return 2;
  }
  try {
    jetliner::measure(paths[0], paths[1], codec, n_threads);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 1;
  }
}
