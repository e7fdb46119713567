/* Rust's standard library takes random numbers from bcryptprimitives.dll, which Wine 8 does not have yet.
   This stand-in is put into the Wine prefix that `try` makes, never beside the program. */
#include <windows.h>

BOOLEAN WINAPI SystemFunction036(PVOID buffer, ULONG size); /* RtlGenRandom */

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T size) { return SystemFunction036(buffer, size); }
