/* switch.c - a script's C stack, and switching to it and back.
 *
 *   low                                                              high
 *   | guard page | ............ free ............ | frames of the script |
 *                                                 ^ sp, while it is suspended
 *
 * The mapping is made without reserve: only touched pages cost memory. Below lies a page that may not be touched, so an
 * overflow ends the process instead of writing over a neighbour; Lua's limit of 200 nested C calls keeps scripts away
 * from it. 4 MiB are needed: 200 nested gsub callbacks, each with a buffer of 8 KiB in its frame, take 1.9 MiB. */
#define _GNU_SOURCE
#include "script.h"
#include <sys/mman.h>

#define GUARD 4096

#if defined(__x86_64__)

/* Saves what the System V calling convention lets the callee keep (rbx, rbp, r12-r15, the control words of SSE and x87),
 * swaps stack pointers, restores. What lies at a saved sp, lowest address first:
 *
 *   mxcsr:4 x87cw:2 pad:2 | r15 | r14 | r13 | r12 | rbx | rbp | where to go on
 *
 * It goes on with pop and jmp: a ret would be predicted to go to this function's caller, which is never right. */
void anax_switch(void **save, void *to);
__asm__(
  ".text\n.p2align 4\n.globl anax_switch\n.hidden anax_switch\n.type anax_switch,@function\n"
  "anax_switch:\n"
  "  pushq %rbp\n  pushq %rbx\n  pushq %r12\n  pushq %r13\n  pushq %r14\n  pushq %r15\n"
  "  subq $8,%rsp\n  stmxcsr (%rsp)\n  fnstcw 4(%rsp)\n"
  "  movq %rsp,(%rdi)\n  movq %rsi,%rsp\n"
  "  ldmxcsr (%rsp)\n  fldcw 4(%rsp)\n  addq $8,%rsp\n"
  "  popq %r15\n  popq %r14\n  popq %r13\n  popq %r12\n  popq %rbx\n  popq %rbp\n"
  "  popq %rcx\n  jmpq *%rcx\n"
  ".size anax_switch,.-anax_switch\n"
  /* The first switch to a new stack lands here: r12 is the script, r13 its entry, which never returns. */
  ".type anax_boot,@function\n.globl anax_boot\n.hidden anax_boot\n"
  "anax_boot:\n"
  "  movq %r12,%rdi\n  xorl %ebp,%ebp\n  callq *%r13\n  ud2\n"
  ".size anax_boot,.-anax_boot\n");
void anax_boot(void);

static void prepare(script *s, void (*entry)(script *)) {
  uint64_t *frame = (uint64_t *)(s->stack + GUARD + s->stack_size) - 10; /* leaves anax_boot a stack aligned to 16 */
  frame[0] = 0x037f00001f80ull;                                          /* the control words of a fresh process */
  frame[3] = (uintptr_t)entry;                                           /* r13 */
  frame[4] = (uintptr_t)s;                                               /* r12 */
  frame[7] = (uintptr_t)anax_boot;
  s->sp = frame;
}

int stack_enter(script *s) {
  anax_switch(&s->back, s->sp);
  return s->status;
}

void stack_suspend(script *s, int status) {
  s->status = status;
  anax_switch(&s->sp, s->back);
  s->deadline = 0;
}

#else /* The C library's way, two system calls per switch. */

typedef void (*entry_function)(script *);

static void boot(unsigned low, unsigned high, unsigned entry_low, unsigned entry_high) {
  script *s = (script *)(((uintptr_t)high << 32) | low);
  ((entry_function)(((uintptr_t)entry_high << 32) | entry_low))(s);
}

static void prepare(script *s, void (*entry)(script *)) {
  uintptr_t self = (uintptr_t)s, to = (uintptr_t)entry;
  getcontext(&s->own_context);
  s->own_context.uc_stack.ss_sp = s->stack + GUARD;
  s->own_context.uc_stack.ss_size = s->stack_size;
  s->own_context.uc_link = NULL;
  makecontext(&s->own_context, (void (*)(void))boot, 4, (unsigned)self, (unsigned)(self >> 32), (unsigned)to,
              (unsigned)(to >> 32));
}

int stack_enter(script *s) {
  swapcontext(&s->back_context, &s->own_context);
  return s->status;
}

void stack_suspend(script *s, int status) {
  s->status = status;
  swapcontext(&s->own_context, &s->back_context);
  s->deadline = 0;
}

#endif

int stack_make(script *s, size_t size, void (*entry)(script *)) {
  s->stack = mmap(NULL, size + GUARD, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (s->stack == MAP_FAILED) {
    s->stack = NULL;
    return 0;
  }
  s->stack_size = size;
  if (mprotect(s->stack, GUARD, PROT_NONE)) return 0;
  prepare(s, entry);
  return 1;
}

void stack_free(script *s) {
  if (s->stack) munmap(s->stack, s->stack_size + GUARD);
}
