// MediaRelay: the phones' RTP relay for JavaScript, a thin skin over RelayThread.
#include <time.h>

#include <cmath>

#include "addon.h"
#include "arguments.h"
#include "relay_thread.h"
#include "system_error.h"

namespace zonebridge {
namespace {

constexpr int64_t kMaxLegNumber = std::numeric_limits<uint32_t>::max();
// Notices that wait for the JavaScript thread; more are dropped, and come again as long as their stream flows.
constexpr size_t kMaxWaitingNotices = 4096;

struct StreamNotice {
  uint32_t leg;
  uint32_t ssrc;
  uint8_t payloadType;
};

void CallListener(Napi::Env env, Napi::Function listener, void*, StreamNotice* notice) {
  const std::unique_ptr<StreamNotice> owned(notice);
  if (env == nullptr || listener == nullptr) return;
  listener.Call({Napi::Number::New(env, notice->leg), Napi::Number::New(env, notice->ssrc),
                 Napi::Number::New(env, notice->payloadType)});
}

using Listener = Napi::TypedThreadSafeFunction<void, StreamNotice, CallListener>;

double MonotonicMs() {
  timespec time = {};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

class MediaRelayObject : public Napi::ObjectWrap<MediaRelayObject> {
 public:
  static void Define(Napi::Env env, Napi::Object exports) {
    using Self = MediaRelayObject;
    exports.Set("MediaRelay",
                DefineClass(env, "MediaRelay",
                            {InstanceAccessor<&Self::LoopbackPort>("loopbackPort"), InstanceMethod<&Self::Open>("open"),
                             InstanceMethod<&Self::CloseLeg>("closeLeg"),
                             InstanceMethod<&Self::SetProtection>("setProtection"),
                             InstanceMethod<&Self::Describe>("describe"),
                             InstanceMethod<&Self::SetRtcpMux>("setRtcpMux"),
                             InstanceMethod<&Self::SetWorkerPort>("setWorkerPort"),
                             InstanceMethod<&Self::TakeStream>("takeStream"),
                             InstanceMethod<&Self::SilentMs>("silentMs"),
                             InstanceMethod<&Self::Statistics>("statistics"), InstanceMethod<&Self::Close>("close")}));
  }

  explicit MediaRelayObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Arguments arguments(info.Env());
    const auto property = [&](const char* name) { return arguments.Property(info[0], "options", name); };
    const auto number = [&](const char* name, int64_t min, int64_t max) {
      return arguments.Integer(property(name), (std::string("options.") + name).c_str(), min, max);
    };
    RelayThread::Options options;
    const std::string address = arguments.Text(property("address"), "options.address");
    options.receiveBufferBytes = static_cast<int>(number("receiveBufferBytes", 4096, 1 << 28));
    options.gatherMicroseconds = static_cast<int>(number("gatherMicroseconds", 0, 10'000));
    options.maxLegs = static_cast<size_t>(number("maxLegs", 1, 30'000));
    options.limits.silenceMs = number("silenceMs", 0, kMaxLegNumber);
    options.limits.noticeMs = number("noticeMs", 0, kMaxLegNumber);
    options.limits.confirmMs = number("confirmMs", 0, kMaxLegNumber);
    // libsrtp's own least; above the most, sequence numbers would be ambiguous.
    options.limits.srtp.replayWindowPackets = static_cast<size_t>(number("replayWindowPackets", 64, 32'767));
    options.limits.srtp.maxStreams = static_cast<size_t>(number("maxStreams", 1, 1024));
    const Napi::Value listener = property("onStream");
    if (arguments.ok() && !listener.IsFunction())
      arguments.Fail<Napi::TypeError>("options.onStream must be a function");
    if (arguments.ok() && !options.address.Parse(address, 0, AF_UNSPEC))
      arguments.Fail<Napi::RangeError>("options.address must be an IPv4 or IPv6 address");
    if (arguments.ok() && !InitializeSrtp()) arguments.Fail<Napi::TypeError>("libsrtp cannot be initialized");
    if (arguments.ok()) Start(info.Env(), options, listener.As<Napi::Function>());
  }

  ~MediaRelayObject() override { Stop(); }

 private:
  void Start(Napi::Env env, const RelayThread::Options& options, const Napi::Function& onStream) {
    listener_ = Listener::New(env, onStream, "MediaRelay", kMaxWaitingNotices, 1);
    // The relay alone does not keep the process.
    listener_.Unref(env);
    hasListener_ = true;
    // Made after the listener, so it runs before node takes that away: releasing it later would hang.
    napi_add_env_cleanup_hook(env, StopAtExit, this);
    thread_ = std::make_unique<RelayThread>(options);
    const int failed = thread_->Start(Notify, this);
    if (failed == 0) return;
    Stop();
    ThrowSystemError(env, "relay thread", failed);
  }

  /** In the relay's thread, under its mutex. */
  static void Notify(void* context, uint32_t leg, uint32_t ssrc, uint8_t payloadType) {
    auto* self = static_cast<MediaRelayObject*>(context);
    auto* notice = new StreamNotice{leg, ssrc, payloadType};
    if (self->listener_.NonBlockingCall(notice) != napi_ok) delete notice;
  }

  void Stop() {
    if (thread_ != nullptr) thread_->Stop();
    thread_.reset();
    if (!hasListener_) return;
    hasListener_ = false;
    listener_.Release();
    napi_remove_env_cleanup_hook(Env(), StopAtExit, this);
  }

  static void StopAtExit(void* self) { static_cast<MediaRelayObject*>(self)->Stop(); }

  void Close(const Napi::CallbackInfo&) { Stop(); }

  Napi::Value LoopbackPort(const Napi::CallbackInfo& info) {
    Arguments arguments(info.Env());
    arguments.IsOpen(thread_ != nullptr, "MediaRelay");
    if (!arguments.ok()) return info.Env().Undefined();
    return Napi::Number::New(info.Env(), thread_->loopbackPort());
  }

  Napi::Value Open(const Napi::CallbackInfo& info) {
    Arguments arguments(info.Env());
    arguments.IsOpen(thread_ != nullptr, "MediaRelay");
    const auto port = static_cast<uint16_t>(arguments.Integer(info[0], "port", 1, 65534));
    if (!arguments.ok()) return info.Env().Undefined();
    uint32_t leg = 0;
    const int failed = thread_->Open(port, &leg);
    if (failed != 0)
      return ThrowSystemError(info.Env(), "UDP ports " + std::to_string(port) + " and " + std::to_string(port + 1),
                              failed),
             info.Env().Undefined();
    return Napi::Number::New(info.Env(), leg);
  }

  void CloseLeg(const Napi::CallbackInfo& info) {
    Arguments arguments(info.Env());
    const RelayLeg* leg = Leg(arguments, info[0]);
    if (leg != nullptr) thread_->Close(leg->id);
  }

  /** Only this thread makes and ends legs, so the pointer stays good; what it points to needs the mutex. */
  RelayLeg* Leg(Arguments& arguments, const Napi::Value& value) {
    arguments.IsOpen(thread_ != nullptr, "MediaRelay");
    const auto id = static_cast<uint32_t>(arguments.Integer(value, "leg", 1, kMaxLegNumber));
    if (!arguments.ok()) return nullptr;
    RelayLeg* leg = thread_->Find(id);
    if (leg == nullptr) arguments.Fail<Napi::RangeError>("leg " + std::to_string(id) + " is not open");
    return leg;
  }

  void SetProtection(const Napi::CallbackInfo& info) {
    Arguments arguments(info.Env());
    RelayLeg* leg = Leg(arguments, info[0]);
    const std::string kind = arguments.Text(info[1], "protection");
    if (!arguments.ok()) return;
    if (kind == "pending" || kind == "none") {
      RelayLock lock(thread_->mutex);
      leg->SetProtection(kind == "none" ? Protection::kPlain : Protection::kPending, SrtpSuite::kAeadAes256Gcm);
      return;
    }
    const bool gcm = kind == "AEAD_AES_256_GCM";
    if (!gcm && kind != "AES_CM_128_HMAC_SHA1_80")
      return void(arguments.Fail<Napi::RangeError>("protection must be pending, none or an SRTP suite"));
    const SrtpSuite suite = gcm ? SrtpSuite::kAeadAes256Gcm : SrtpSuite::kAesCm128HmacSha1_80;
    const size_t bytes = SrtpMasterBytes(suite);
    const auto sendKey = arguments.Array<uint8_t>(info[2], "sendKey", bytes, bytes);
    const auto receiveKey = arguments.Array<uint8_t>(info[3], "receiveKey", bytes, bytes);
    if (arguments.ok()) SetKeys(info.Env(), *leg, suite, sendKey.data, receiveKey.data);
  }

  /** A key that is there already keeps its session, which knows what was sent and received under it. */
  void SetKeys(Napi::Env env, RelayLeg& leg, SrtpSuite suite, const uint8_t* sendKey, const uint8_t* receiveKey) {
    const SrtpLimits& limits = thread_->options().limits.srtp;
    RelayLeg::Keys& keys = leg.keys(suite);
    RelayLeg::Keys fresh;
    const bool newSender = keys.sender == nullptr || !keys.sender->HasMaster(sendKey);
    const bool newReceiver = keys.receiver == nullptr || !keys.receiver->HasMaster(receiveKey);
    // libsrtp takes half a millisecond for each: not under the mutex.
    if (newSender) fresh.sender = SrtpSession::Create(suite, SrtpDirection::kSend, sendKey, limits);
    if (newReceiver) fresh.receiver = SrtpSession::Create(suite, SrtpDirection::kReceive, receiveKey, limits);
    if ((newSender && fresh.sender == nullptr) || (newReceiver && fresh.receiver == nullptr))
      return Napi::Error::New(env, "libsrtp does not take the keys").ThrowAsJavaScriptException();
    RelayLock lock(thread_->mutex);
    if (newSender) keys.sender.swap(fresh.sender);
    if (newReceiver) keys.receiver.swap(fresh.receiver);
    leg.SetProtection(Protection::kSrtp, suite);
  }

  Napi::Value Describe(const Napi::CallbackInfo& info) {
    Arguments arguments(info.Env());
    RelayLeg* leg = Leg(arguments, info[0]);
    const bool rtcp = arguments.Boolean(info[1], "rtcp");
    const std::string text = arguments.Text(info[2], "address");
    const auto port = static_cast<uint16_t>(arguments.Integer(info[3], "port", 1, 65535));
    if (!arguments.ok()) return info.Env().Undefined();
    UdpAddress address;
    const bool reachable = address.Parse(text, port, thread_->options().address.family());
    if (reachable) {
      RelayLock lock(thread_->mutex);
      leg->Describe(rtcp ? RelayPort::kRtcp : RelayPort::kRtp, address);
    }
    return Napi::Boolean::New(info.Env(), reachable);
  }

  void SetRtcpMux(const Napi::CallbackInfo& info) {
    Arguments arguments(info.Env());
    RelayLeg* leg = Leg(arguments, info[0]);
    const bool mux = arguments.Boolean(info[1], "rtcpMux");
    if (!arguments.ok()) return;
    RelayLock lock(thread_->mutex);
    leg->rtcpMux = mux;
  }

  void SetWorkerPort(const Napi::CallbackInfo& info) {
    Arguments arguments(info.Env());
    RelayLeg* leg = Leg(arguments, info[0]);
    const auto port = static_cast<uint16_t>(arguments.Integer(info[1], "port", 0, 65535));
    if (!arguments.ok()) return;
    RelayLock lock(thread_->mutex);
    thread_->SetWorkerPort(*leg, port);
  }

  void TakeStream(const Napi::CallbackInfo& info) {
    Arguments arguments(info.Env());
    RelayLeg* leg = Leg(arguments, info[0]);
    const int64_t ssrc = arguments.Integer(info[1], "ssrc", -1, std::numeric_limits<uint32_t>::max());
    if (!arguments.ok()) return;
    RelayLock lock(thread_->mutex);
    leg->TakeStream(ssrc);
  }

  Napi::Value SilentMs(const Napi::CallbackInfo& info) {
    Arguments arguments(info.Env());
    const RelayLeg* leg = Leg(arguments, info[0]);
    if (!arguments.ok()) return info.Env().Undefined();
    RelayLock lock(thread_->mutex);
    const auto heardMs = static_cast<double>(leg->heardMs());
    return Napi::Number::New(info.Env(), heardMs < 0 ? INFINITY : MonotonicMs() - heardMs);
  }

  Napi::Value Statistics(const Napi::CallbackInfo& info) {
    Arguments arguments(info.Env());
    const RelayLeg* leg = Leg(arguments, info[0]);
    if (!arguments.ok()) return info.Env().Undefined();
    RelayCounters counters;
    {
      RelayLock lock(thread_->mutex);
      counters = leg->counters;
    }
    Napi::Object result = Napi::Object::New(info.Env());
    result.Set("received", static_cast<double>(counters.received));
    result.Set("sent", static_cast<double>(counters.sent));
    result.Set("rejected", static_cast<double>(counters.rejected));
    result.Set("foreign", static_cast<double>(counters.foreign));
    result.Set("stray", static_cast<double>(counters.stray));
    result.Set("unsent", static_cast<double>(counters.unsent));
    return result;
  }

  Listener listener_;
  bool hasListener_ = false;
  std::unique_ptr<RelayThread> thread_;
};

}  // namespace

void DefineRelay(Napi::Env env, Napi::Object exports) { MediaRelayObject::Define(env, exports); }

}  // namespace zonebridge
