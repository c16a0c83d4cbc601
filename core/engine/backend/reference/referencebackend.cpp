// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/reference/referencebackend.h"

#include "core/engine/backend/reference/operations.h"

namespace bottega::engine {

namespace {

class ReferencePlan final : public Plan
{
public:
    explicit ReferencePlan(Program program)
        : m_program(std::move(program))
    {
    }

    using Plan::run;
    void run(std::span<const StepInputs> steps, const StepDone &done) override
    {
        for (const StepInputs &step : steps)
            checkStep(m_program, step);
        for (std::size_t i = 0; i < steps.size(); ++i) {
            for (const Op &op : m_program)
                std::visit([&](const auto &operation) { reference::run(operation, steps[i]); }, op);
            if (done && !done(i, loss()))
                return;
        }
    }

private:
    [[nodiscard]] double loss() const
    {
        double loss = 0;
        for (const Op &op : m_program) {
            std::visit(
                [&](const auto &operation) {
                    if constexpr (requires { operation.losses; })
                        loss = meanLoss(*operation.losses);
                },
                op);
        }
        return loss;
    }

    Program m_program;
};

} // namespace

std::unique_ptr<Plan> ReferenceBackend::compile(Program program)
{
    for (const Op &op : program)
        check(op);
    return std::make_unique<ReferencePlan>(std::move(program));
}

} // namespace bottega::engine
