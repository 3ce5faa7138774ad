// Debian's Nettle behind libsrtp's interfaces for ciphers and authentication (RFC 3711 §4, RFC 7714).
#include "srtp_primitives.h"

#include <nettle/aes.h>
#include <nettle/ctr.h>
#include <nettle/gcm.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <srtp2/auth.h>
#include <srtp2/cipher.h>
#include <srtp2/srtp.h>
#include <strings.h>

#include <cstring>
#include <new>

namespace zonebridge {
namespace {

// AES in counter mode (RFC 3711 §4.1.1): the key, then 14 bytes of salt that every IV is added to.

struct IcmState {
  aes128_ctx aes;
  uint8_t salt[AES_BLOCK_SIZE];
  uint8_t counter[AES_BLOCK_SIZE];
};

// AES-GCM: the additional data comes in pieces, which Nettle wants whole.
struct GcmState {
  gcm_aes256_ctx gcm;
  size_t tagBytes;
  size_t aadBytes;
  uint8_t aad[2048];
};

// HMAC-SHA1 with the key already in.
struct HmacState {
  hmac_sha1_ctx keyed;
  hmac_sha1_ctx running;
};

/** The object that libsrtp passes around, with its state behind it. */
template <class Handle, class State>
struct Allocated {
  Handle handle;
  State state;
};

template <class Handle, class State, class Type>
Handle* Allocate(const Type* type, int keyBytes) {
  auto* made = new (std::nothrow) Allocated<Handle, State>{};
  if (made == nullptr) return nullptr;
  made->handle.type = type;
  made->handle.state = &made->state;
  made->handle.key_len = keyBytes;
  return &made->handle;
}

template <class Handle, class State>
srtp_err_status_t Free(Handle* handle) {
  auto* made = reinterpret_cast<Allocated<Handle, State>*>(handle);
  explicit_bzero(&made->state, sizeof made->state);
  delete made;
  return srtp_err_status_ok;
}

extern const srtp_cipher_type_t icmType;
extern const srtp_cipher_type_t gcmType;
extern const srtp_auth_type_t hmacType;

srtp_err_status_t AllocateCipher(const srtp_cipher_type_t& type, srtp_cipher_t* made, srtp_cipher_t** out) {
  if (made == nullptr) return srtp_err_status_alloc_fail;
  made->algorithm = static_cast<int>(type.id);
  *out = made;
  return srtp_err_status_ok;
}

srtp_err_status_t IcmAllocate(srtp_cipher_t** out, int keyBytes, int /*tagBytes*/) {
  if (keyBytes != SRTP_AES_ICM_128_KEY_LEN_WSALT) return srtp_err_status_bad_param;
  return AllocateCipher(icmType, Allocate<srtp_cipher_t, IcmState>(&icmType, keyBytes), out);
}

srtp_err_status_t IcmInitialize(void* state, const uint8_t* key) {
  auto& icm = *static_cast<IcmState*>(state);
  aes128_set_encrypt_key(&icm.aes, key);
  std::memset(icm.salt, 0, sizeof icm.salt);
  std::memcpy(icm.salt, key + AES128_KEY_SIZE, SRTP_SALT_LEN);
  return srtp_err_status_ok;
}

srtp_err_status_t IcmSetIv(void* state, uint8_t* iv, srtp_cipher_direction_t /*direction*/) {
  auto& icm = *static_cast<IcmState*>(state);
  for (size_t i = 0; i < sizeof icm.counter; i++) icm.counter[i] = icm.salt[i] ^ iv[i];
  return srtp_err_status_ok;
}

srtp_err_status_t IcmCrypt(void* state, uint8_t* buffer, unsigned int* length) {
  auto& icm = *static_cast<IcmState*>(state);
  const auto encrypt = reinterpret_cast<nettle_cipher_func*>(aes128_encrypt);
  ctr_crypt(&icm.aes, encrypt, AES_BLOCK_SIZE, icm.counter, *length, buffer, buffer);
  return srtp_err_status_ok;
}

srtp_err_status_t GcmAllocate(srtp_cipher_t** out, int keyBytes, int tagBytes) {
  if (keyBytes != SRTP_AES_GCM_256_KEY_LEN_WSALT) return srtp_err_status_bad_param;
  // We use whole tags only; libsrtp's own tests have shorter ones too.
  if (tagBytes < 8 || tagBytes > GCM_DIGEST_SIZE) return srtp_err_status_bad_param;
  srtp_cipher_t* made = Allocate<srtp_cipher_t, GcmState>(&gcmType, keyBytes);
  if (made != nullptr) static_cast<GcmState*>(made->state)->tagBytes = static_cast<size_t>(tagBytes);
  return AllocateCipher(gcmType, made, out);
}

srtp_err_status_t GcmInitialize(void* state, const uint8_t* key) {
  gcm_aes256_set_key(&static_cast<GcmState*>(state)->gcm, key);
  return srtp_err_status_ok;
}

srtp_err_status_t GcmSetIv(void* state, uint8_t* iv, srtp_cipher_direction_t /*direction*/) {
  auto& gcm = *static_cast<GcmState*>(state);
  gcm_aes256_set_iv(&gcm.gcm, GCM_IV_SIZE, iv);
  gcm.aadBytes = 0;
  return srtp_err_status_ok;
}

srtp_err_status_t GcmSetAad(void* state, const uint8_t* aad, uint32_t length) {
  auto& gcm = *static_cast<GcmState*>(state);
  if (gcm.aadBytes + length > sizeof gcm.aad) return srtp_err_status_bad_param;
  std::memcpy(gcm.aad + gcm.aadBytes, aad, length);
  gcm.aadBytes += length;
  return srtp_err_status_ok;
}

srtp_err_status_t GcmEncrypt(void* state, uint8_t* buffer, unsigned int* length) {
  auto& gcm = *static_cast<GcmState*>(state);
  gcm_aes256_update(&gcm.gcm, gcm.aadBytes, gcm.aad);
  gcm_aes256_encrypt(&gcm.gcm, *length, buffer, buffer);
  return srtp_err_status_ok;
}

srtp_err_status_t GcmGetTag(void* state, uint8_t* tag, uint32_t* length) {
  auto& gcm = *static_cast<GcmState*>(state);
  gcm_aes256_digest(&gcm.gcm, gcm.tagBytes, tag);
  *length = static_cast<uint32_t>(gcm.tagBytes);
  return srtp_err_status_ok;
}

/** `length` has the tag in it before and not any more afterwards. */
srtp_err_status_t GcmDecrypt(void* state, uint8_t* buffer, unsigned int* length) {
  auto& gcm = *static_cast<GcmState*>(state);
  if (*length < gcm.tagBytes) return srtp_err_status_bad_param;
  const size_t bytes = *length - gcm.tagBytes;
  uint8_t tag[GCM_DIGEST_SIZE];
  gcm_aes256_update(&gcm.gcm, gcm.aadBytes, gcm.aad);
  gcm_aes256_decrypt(&gcm.gcm, bytes, buffer, buffer);
  gcm_aes256_digest(&gcm.gcm, gcm.tagBytes, tag);
  *length = static_cast<unsigned int>(bytes);
  return memeql_sec(tag, buffer + bytes, gcm.tagBytes) != 0 ? srtp_err_status_ok : srtp_err_status_auth_fail;
}

srtp_err_status_t HmacAllocate(srtp_auth_t** out, int keyBytes, int tagBytes) {
  if (keyBytes > SHA1_DIGEST_SIZE || tagBytes > SHA1_DIGEST_SIZE) return srtp_err_status_bad_param;
  srtp_auth_t* made = Allocate<srtp_auth_t, HmacState>(&hmacType, keyBytes);
  if (made == nullptr) return srtp_err_status_alloc_fail;
  made->out_len = tagBytes;
  *out = made;
  return srtp_err_status_ok;
}

srtp_err_status_t HmacInitialize(void* state, const uint8_t* key, int keyBytes) {
  auto& hmac = *static_cast<HmacState*>(state);
  hmac_sha1_set_key(&hmac.keyed, static_cast<size_t>(keyBytes), key);
  hmac.running = hmac.keyed;
  return srtp_err_status_ok;
}

srtp_err_status_t HmacStart(void* state) {
  auto& hmac = *static_cast<HmacState*>(state);
  hmac.running = hmac.keyed;
  return srtp_err_status_ok;
}

srtp_err_status_t HmacUpdate(void* state, const uint8_t* data, int length) {
  hmac_sha1_update(&static_cast<HmacState*>(state)->running, static_cast<size_t>(length), data);
  return srtp_err_status_ok;
}

srtp_err_status_t HmacCompute(void* state, const uint8_t* data, int length, int tagBytes, uint8_t* tag) {
  auto& running = static_cast<HmacState*>(state)->running;
  hmac_sha1_update(&running, static_cast<size_t>(length), data);
  hmac_sha1_digest(&running, static_cast<size_t>(tagBytes), tag);
  return srtp_err_status_ok;
}

// Known answers: libsrtp asks for one of ours beside its own.

// RFC 3711 §B.2
const uint8_t icmKey[SRTP_AES_ICM_128_KEY_LEN_WSALT] = {
    0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f,
    0x3c, 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd};
uint8_t icmIv[AES_BLOCK_SIZE] = {};
const uint8_t icmPlain[32] = {};
const uint8_t icmSealed[32] = {0xe0, 0x3e, 0xad, 0x09, 0x35, 0xc9, 0x5e, 0x80, 0xe1, 0x66, 0xb1,
                               0x6d, 0xd9, 0x2b, 0x4e, 0xb4, 0xd2, 0x35, 0x13, 0x16, 0x2b, 0x02,
                               0xd0, 0xf7, 0x2a, 0x43, 0xa2, 0xfe, 0x4a, 0x5f, 0x97, 0xab};
const srtp_cipher_test_case_t icmTest = {
    sizeof icmKey, icmKey, icmIv, sizeof icmPlain, icmPlain, sizeof icmSealed, icmSealed, 0, nullptr, 0, nullptr};

// McGrew and Viega, "The Galois/Counter Mode of Operation", test case 16
const uint8_t gcmKey[SRTP_AES_GCM_256_KEY_LEN_WSALT] = {
    0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c, 0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08,
    0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c, 0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08};
uint8_t gcmIv[GCM_IV_SIZE] = {0xca, 0xfe, 0xba, 0xbe, 0xfa, 0xce, 0xdb, 0xad, 0xde, 0xca, 0xf8, 0x88};
const uint8_t gcmAad[20] = {0xfe, 0xed, 0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xfe, 0xed,
                            0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xab, 0xad, 0xda, 0xd2};
const uint8_t gcmPlain[60] = {0xd9, 0x31, 0x32, 0x25, 0xf8, 0x84, 0x06, 0xe5, 0xa5, 0x59, 0x09, 0xc5,
                              0xaf, 0xf5, 0x26, 0x9a, 0x86, 0xa7, 0xa9, 0x53, 0x15, 0x34, 0xf7, 0xda,
                              0x2e, 0x4c, 0x30, 0x3d, 0x8a, 0x31, 0x8a, 0x72, 0x1c, 0x3c, 0x0c, 0x95,
                              0x95, 0x68, 0x09, 0x53, 0x2f, 0xcf, 0x0e, 0x24, 0x49, 0xa6, 0xb5, 0x25,
                              0xb1, 0x6a, 0xed, 0xf5, 0xaa, 0x0d, 0xe6, 0x57, 0xba, 0x63, 0x7b, 0x39};
const uint8_t gcmSealed[76] = {0x52, 0x2d, 0xc1, 0xf0, 0x99, 0x56, 0x7d, 0x07, 0xf4, 0x7f, 0x37, 0xa3, 0x2a,
                               0x84, 0x42, 0x7d, 0x64, 0x3a, 0x8c, 0xdc, 0xbf, 0xe5, 0xc0, 0xc9, 0x75, 0x98,
                               0xa2, 0xbd, 0x25, 0x55, 0xd1, 0xaa, 0x8c, 0xb0, 0x8e, 0x48, 0x59, 0x0d, 0xbb,
                               0x3d, 0xa7, 0xb0, 0x8b, 0x10, 0x56, 0x82, 0x88, 0x38, 0xc5, 0xf6, 0x1e, 0x63,
                               0x93, 0xba, 0x7a, 0x0a, 0xbc, 0xc9, 0xf6, 0x62, 0x76, 0xfc, 0x6e, 0xce, 0x0f,
                               0x4e, 0x17, 0x68, 0xcd, 0xdf, 0x88, 0x53, 0xbb, 0x2d, 0x55, 0x1b};
const srtp_cipher_test_case_t gcmTest = {sizeof gcmKey,   gcmKey,           gcmIv,     sizeof gcmPlain,
                                         gcmPlain,        sizeof gcmSealed, gcmSealed, sizeof gcmAad,
                                         gcmAad,          GCM_DIGEST_SIZE,  nullptr};

// RFC 2202 §3, test case 1
const uint8_t hmacKey[20] = {0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
                             0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b};
const uint8_t hmacData[8] = {'H', 'i', ' ', 'T', 'h', 'e', 'r', 'e'};
const uint8_t hmacTag[20] = {0xb6, 0x17, 0x31, 0x86, 0x55, 0x05, 0x72, 0x64, 0xe2, 0x8b,
                             0xc0, 0xb6, 0xfb, 0x37, 0x8c, 0x8e, 0xf1, 0x46, 0xbe, 0x00};
const srtp_auth_test_case_t hmacTest = {sizeof hmacKey, hmacKey, sizeof hmacData, hmacData,
                                        sizeof hmacTag, hmacTag, nullptr};

const srtp_cipher_type_t icmType = {IcmAllocate, Free<srtp_cipher_t, IcmState>, IcmInitialize, nullptr,
                                    IcmCrypt,    IcmCrypt,                      IcmSetIv,      nullptr,
                                    "AES-128 counter mode (Nettle)", &icmTest, SRTP_AES_ICM_128};
const srtp_cipher_type_t gcmType = {GcmAllocate, Free<srtp_cipher_t, GcmState>, GcmInitialize, GcmSetAad,
                                    GcmEncrypt,  GcmDecrypt,                    GcmSetIv,      GcmGetTag,
                                    "AES-256 GCM (Nettle)", &gcmTest, SRTP_AES_GCM_256};
const srtp_auth_type_t hmacType = {HmacAllocate, Free<srtp_auth_t, HmacState>, HmacInitialize, HmacCompute,
                                   HmacUpdate,   HmacStart, "HMAC-SHA1 (Nettle)", &hmacTest, SRTP_HMAC_SHA1};

}  // namespace

bool UseFastSrtpPrimitives() {
  return srtp_replace_cipher_type(&icmType, SRTP_AES_ICM_128) == srtp_err_status_ok &&
         srtp_replace_cipher_type(&gcmType, SRTP_AES_GCM_256) == srtp_err_status_ok &&
         srtp_replace_auth_type(&hmacType, SRTP_HMAC_SHA1) == srtp_err_status_ok;
}

}  // namespace zonebridge
