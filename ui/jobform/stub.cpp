// SPDX-License-Identifier: Apache-2.0
namespace bottega { void bottega_ui_jobformStub(); void bottega_ui_jobformStub() {} }
